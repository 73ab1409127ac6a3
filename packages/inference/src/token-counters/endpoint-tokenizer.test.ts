import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeTokenCounter } from '../testing/contracts.ts';
import { createEndpointTokenizer } from './endpoint-tokenizer.ts';

/** llama.cpp's recorded answer to `const x = 1;\n`: a byte-level vocabulary, a token a byte. */
const recorded = readFileSync(path.join(import.meta.dirname, 'fixtures/tokenize.txt'), 'utf8');

type Answer = (body: { prompt: string; content: string; model: string }) => { status?: number; body: string };

const vllm: Answer = ({ prompt, ...rest }) => {
  expect(rest).toMatchObject({ model: 'coder', add_special_tokens: false });
  return { body: JSON.stringify({ count: Buffer.byteLength(prompt), max_model_len: 4096, tokens: [] }) };
};
const llamacpp: Answer = ({ content }) => ({ body: JSON.stringify({ tokens: [...Buffer.from(content)] }) });

let server: Server;
let answer: Answer = vllm;
const asked: { url: string | undefined; authorization: string | undefined }[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      asked.push({ url: request.url, authorization: request.headers.authorization });
      const { status = 200, body } = answer(JSON.parse(text) as Parameters<Answer>[0]);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const open = (more: object = {}) =>
  createEndpointTokenizer({
    name: 'gpu',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    model: 'coder',
    ...more,
  });
const never = new AbortController().signal;

describe.each([
  ['vLLM', vllm],
  ['llama.cpp', llamacpp],
])('%s’s tokeniser', (name, dialect) => {
  beforeAll(() => {
    answer = dialect;
  });
  describeTokenCounter(name, () => open());
});

describe('an endpoint’s tokeniser', () => {
  it('is asked at the root of the server, with the key', async () => {
    answer = vllm;
    const counter = open({ apiKey: 'sk-1' });
    await counter.count('x', never);
    expect(asked.at(-1)).toEqual({ url: '/tokenize', authorization: 'Bearer sk-1' });
    await counter.close();
  });

  it('recorded from llama.cpp counts its tokens', async () => {
    answer = () => ({ body: recorded.slice(recorded.indexOf('{"tokens"')) });
    const counter = open();
    expect(await counter.count('const x = 1;\n', never)).toBe(13);
    await counter.close();
  });

  it.each([
    ['a server without one', () => ({ status: 404, body: '{}' }), /answered 404; only vLLM and llama\.cpp have one/],
    ['no count', () => ({ body: '{"ok":true}' }), /sent no count/],
    ['something else than JSON', () => ({ body: 'secret code' }), /sent something that is not JSON/],
  ])('fails for %s, without a word of the text', async (_, misbehave, message) => {
    answer = misbehave;
    const counter = open();
    const failure = await counter.count('secret code', never).catch((error: unknown) => error);
    expect(String(failure)).toMatch(message);
    expect(String(failure)).not.toContain('secret');
    await counter.close();
  });

  it('that cannot be reached says so', async () => {
    const counter = createEndpointTokenizer({ name: 'gpu', url: 'http://127.0.0.1:1/v1', model: 'm' });
    await expect(counter.count('x', never)).rejects.toThrow(
      'endpoint gpu (http://127.0.0.1:1/tokenize) could not be asked',
    );
    await counter.close();
  });
});
