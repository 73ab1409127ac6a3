import { describe, expect, it } from 'vitest';
import { createLog, describeError } from './log.ts';

function written(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown>[] {
  const lines: string[] = [];
  write(createLog({ level: 'trace', region: 'eu' }, { write: (line) => void lines.push(line) }));
  return lines.map((line) => JSON.parse(line));
}

describe('a log line', () => {
  it('never holds bodies, credentials or code, also when somebody logs an object that has them', () => {
    const request = { prefix: 'MARKER', suffix: 'MARKER', path: 'MARKER', snippets: [{ text: 'MARKER' }] };
    const lines = written((log) => {
      log.info({ ...request, authorization: 'MARKER', body: 'MARKER' }, 'one');
      log.info({ request, upstream: { headers: { authorization: 'MARKER' }, prompt: 'MARKER' } }, 'two');
      log.info({ requestId: 'r1', reason: 'timeout' }, 'three');
    });
    expect(JSON.stringify(lines)).not.toContain('MARKER');
    expect(lines[2]).toMatchObject({ region: 'eu', requestId: 'r1', reason: 'timeout', msg: 'three' });
  });

  it('describes an error by its class, its frames and a message without quotations', () => {
    const broken = (() => {
      try {
        return JSON.parse('{"MARKER": nonsense}');
      } catch (error) {
        return error;
      }
    })();
    const wrapped = new Error("cannot read 'MARKER'\nMARKER_LINE is `MARKER`", { cause: broken });
    const [line] = written((log) => log.error({ err: wrapped }, 'unexpected error'));
    expect(JSON.stringify(line)).not.toMatch(/MARKER"|MARKER'|nonsense/);
    expect(line).toMatchObject({
      err: { type: 'Error', stack: expect.stringContaining('log.test.ts'), cause: { type: 'SyntaxError' } },
    });
  });

  it('says the code of a system error, and no more than the type of what is no error', () => {
    expect(describeError(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))).toMatchObject({
      code: 'ECONNREFUSED',
    });
    expect(describeError('const x = 1')).toEqual({ type: 'string' });
  });
});
