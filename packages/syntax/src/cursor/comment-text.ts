/** Words to tools: they ask for nothing. */
const DIRECTIVE =
  /^(?:!|eslint|oxlint|biome|prettier|tslint|jshint|istanbul|c8 |v8 |webpack|@ts-|ts-|@flow|noqa|type:|pylint|flake8|mypy|pyright|ruff|fmt:|isort|yapf|black:|pragma|nolint|go:|\+build|cgo|region\b|endregion\b|clang-|rubocop|frozen_string_literal|sorbet|typed:|shellcheck|phpcs|phpstan|psalm|language=|coding[:=]|-\*-|vim?:|ex:|#|reference\b|sourcemappingurl)/i;

const LICENCE = /copyright|\(c\)|©|spdx-|licen[sc]ed? under|all rights reserved/i;

/** `----- Parsing -----` */
const HEADING = /^[-=*#~_+]{3,}|[-=*#~_+]{3,}$/;

/** Code that was commented out ends as code does. */
const CODE = /[;{}([,=]$|^\P{L}*$|^(?:import|return|const|let|var)\b.*[()='"]/u;

const TWO_WORDS = /\p{L}{2,}.*?[\s\p{P}]\p{L}+/u;
/** Scripts that put no spaces between words. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{4,}/u;

/** True when a comment, given with its markers, tells in words what code is to do. */
export function describesCode(comment: string): boolean {
  const lines = comment.split('\n').map(stripMarkers);
  const words = lines.filter((line) => line !== '');
  const first = words[0];
  const last = words.at(-1);
  if (first === undefined || last === undefined) return false;
  if (DIRECTIVE.test(last) || LICENCE.test(comment) || HEADING.test(last) || CODE.test(last)) return false;
  if (words.length === 1 && DIRECTIVE.test(first)) return false;
  const text = words.join(' ');
  return TWO_WORDS.test(text) || UNSPACED.test(text);
}

/** A line of a comment without what marks it: slashes, stars, hashes, dashes, quotes of docstrings. */
function stripMarkers(line: string): string {
  return line
    .trim()
    .replace(/^(?:\/\/[/!]?|\/\*[*!]?|\*\/|\*(?!\/)|#(?![!:])|--|;+|<!--|\{-|<#|%+|[rRuU]?(?:"""|'''))\s?/, '')
    .replace(/\s*(?:\*\/|-->|-\}|#>|"""|''')$/, '')
    .trim();
}
