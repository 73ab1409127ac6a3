import type { Random } from './random.ts';

/** What no answer and no log line may say: it stands for keys, code and whatever else people put into requests. */
export const MARK = 'Zq7SecretMarkZq7';

/** Values that programs stumble over, wherever JSON has a value. */
export function hostileValue(random: Random): unknown {
  return random.pick<() => unknown>([
    () => null,
    () => true,
    () => 0,
    () => -1,
    () => 1e308,
    () => -0.5,
    () => 2 ** 53,
    () => '',
    () => MARK,
    () => `${MARK}\u0000\uFFFE`,
    () => `\uD800${MARK}`,
    () => `\u202E${MARK}\uD83D\uDE00`,
    () => MARK.repeat(random.int(8_000)),
    () => `<|fim_prefix|>${MARK}<|endoftext|>`,
    () => `\${jndi:ldap://${MARK}}`,
    () => `'; DROP TABLE ${MARK}; --`,
    () => `../../${MARK}`,
    () => '2026-13-45T99:99:99Z',
    () => [],
    () => ({}),
    () => [MARK],
    () => ({ [MARK]: MARK }),
    () => Array.from({ length: random.int(2_000) }, () => MARK),
    () => nested(random.int(4_000)),
    () => ({ toString: MARK, valueOf: null, constructor: { prototype: MARK } }),
  ])();
}

/** Keys that reach into objects, or look like known ones. */
export function hostileKey(random: Random): string {
  return random.pick([
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    '',
    MARK,
    'Prefix',
    'languag',
    'events ',
    '0',
  ]);
}

export function hostileHeader(random: Random): string {
  return random.pick([
    '',
    MARK,
    `${MARK}, ${MARK}`,
    `Bearer ${MARK}`,
    `Basic ${Buffer.from(MARK).toString('base64')}`,
    'Bearer ',
    '*/*',
    'text/event-stream;q=0',
    `application/${MARK}`,
    'application/json; charset=utf-16',
    'gzip',
    '-1',
    '1e9',
    '99999999999999999999',
    MARK.repeat(200),
    '\u00FF\u00FE',
    '00-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-zzzzzzzzzzzzzzzz-zz',
    'http://evil.example',
    'null',
  ]);
}

function nested(depth: number): unknown {
  let value: unknown = MARK;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
