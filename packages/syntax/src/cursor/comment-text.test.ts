import { describe, expect, it } from 'vitest';
import { describesCode } from './comment-text.ts';

describe('describesCode', () => {
  it.each([
    '// parse the header',
    '//parse the header',
    '# read all users from the database.',
    '/** Returns the sum of two numbers. */',
    '/**\n * Parses a header.\n * @param message what came in\n */',
    '"""Adds two numbers."""',
    '-- the ten largest orders',
    '<!-- the list of users -->',
    '// TODO: handle empty input',
    '// ユーザーを読み込む',
    '// Überprüfe die Eingabe',
    '// Steps:\n// first read, then write',
  ])('is true for %j', (comment) => {
    expect(describesCode(comment)).toBe(true);
  });

  it.each([
    '//',
    '// ',
    '// helpers',
    '# ---------------',
    '// ---- message parsing ----',
    '// eslint-disable-next-line no-console',
    '// @ts-expect-error wrong types',
    '# type: ignore the rest',
    '# noqa: E501 line too long',
    '#!/usr/bin/env python3',
    '# -*- coding: utf-8 -*-',
    '# frozen_string_literal: true',
    '//go:build linux || darwin',
    '// #region message parsing',
    '/* Copyright 2026 the authors */',
    '// SPDX-License-Identifier: MIT OR Apache-2.0',
    '// const header = parse(message);',
    '// if (ready) {',
    '// 1, 2, 3',
  ])('is false for %j', (comment) => {
    expect(describesCode(comment)).toBe(false);
  });
});
