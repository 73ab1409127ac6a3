import { describe, expect, it } from 'vitest';
import { COMPLETIONS_PATH, TELEMETRY_PATH, openApiDocument } from './index.ts';

describe('the OpenAPI document', () => {
  const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3')));

  it('describes every operation', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.paths[COMPLETIONS_PATH].post.operationId).toBe('getCompletion');
    expect(document.paths[TELEMETRY_PATH].post.operationId).toBe('recordTelemetry');
  });

  it('has every schema that it refers to', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference);
    expect(references.length).toBeGreaterThan(20);
    const { schemas, headers } = document.components;
    const known = new Set([
      ...Object.keys(schemas).map((name) => `#/components/schemas/${name}`),
      ...Object.keys(headers).map((name) => `#/components/headers/${name}`),
    ]);
    expect(references.filter((reference) => !known.has(reference!))).toEqual([]);
  });

  it('says which headers tell how and when to come again', () => {
    const { responses } = document.paths[COMPLETIONS_PATH].post;
    const headersOf = (status: number) => Object.keys(responses[status].headers);
    expect(headersOf(400)).toEqual([]);
    expect(headersOf(401)).toEqual(['WWW-Authenticate']);
    expect(headersOf(429)).toEqual(['Retry-After', 'RateLimit-Policy', 'RateLimit']);
    expect([502, 503, 504].map(headersOf)).toEqual([['Retry-After'], ['Retry-After'], ['Retry-After']]);
    expect(Object.keys(document.paths[TELEMETRY_PATH].post.responses[429].headers)).toEqual(['Retry-After']);
  });

  it('says which request fields are required', () => {
    expect(document.components.schemas.CompletionRequest.required).toEqual(['prefix', 'suffix', 'language', 'trigger']);
  });
});
