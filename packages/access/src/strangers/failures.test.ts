import { describe, expect, it } from 'vitest';
import { type Failures, afterFailure, createFailureTable, networkOf, waitMs } from './failures.ts';

const PER_MINUTE = 3;
const after = (times: readonly number[]) =>
  times.reduce<Failures | undefined>((failures, now) => afterFailure(failures, now, PER_MINUTE), undefined);

describe('an address that fails', () => {
  it('is not slowed by as many failures a minute as are allowed', () => {
    expect(waitMs(undefined, 0)).toBe(0);
    expect(waitMs(after([0, 1, 2]), 3)).toBe(0);
    expect(waitMs(after([0, 1, 2, 60_000, 60_001, 60_002]), 60_003)).toBe(0);
  });

  it('is slowed for ten seconds by one more', () => {
    const failures = after([0, 1, 2, 3]);
    expect(waitMs(failures, 3)).toBe(10_000);
    expect(waitMs(failures, 10_002)).toBe(1);
    expect(waitMs(failures, 10_003)).toBe(0);
  });

  it('is slowed for twice as long by each further one, up to a quarter of an hour', () => {
    let failures = after([0, 0, 0, 0]);
    const waits: number[] = [];
    let now = 0;
    for (let i = 0; i < 9; i++) {
      const wait = waitMs(failures, now);
      waits.push(wait / 1000);
      now += wait;
      failures = afterFailure(failures, now, PER_MINUTE);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
  });

  it('is not slowed for longer by what was under way when it was slowed', () => {
    expect(after([0, 1, 2, 3, 4, 5, 6])).toEqual(after([0, 1, 2, 3]));
  });

  it('is forgiven after a quarter of an hour without a failure', () => {
    const quiet = 10_003 + 15 * 60_000;
    expect(after([0, 1, 2, 3, quiet])).toEqual({ kind: 'counting', since: quiet, count: 1 });
  });
});

describe('the table of addresses', () => {
  it('tells them apart', () => {
    const table = createFailureTable({ perMinute: () => 1, now: () => 0 });
    expect([1, 2, 3].map(() => table.failed('192.0.2.1'))).toEqual([0, 10_000, 0]);
    expect(table.waitMs('192.0.2.1')).toBe(10_000);
    expect(table.waitMs('::ffff:192.0.2.1')).toBe(10_000);
    expect(table.waitMs('192.0.2.2')).toBe(0);
  });

  it('holds a /64 of IPv6 for one client', () => {
    const table = createFailureTable({ perMinute: () => 1, now: () => 0 });
    table.failed('2001:db8:1:2::1');
    table.failed('2001:db8:1:2:ffff:1:2:3');
    expect(table.waitMs('2001:db8:1:2:9::')).toBe(10_000);
    expect(table.waitMs('2001:db8:1:3::1')).toBe(0);
  });

  it('stays bounded under any number of addresses, and remembers who fails on', () => {
    const table = createFailureTable({ perMinute: () => 1, now: () => 0, maxAddresses: 100 });
    table.failed('attacker');
    for (let i = 0; i < 10_000; i++) {
      table.failed(`10.0.${i >> 8}.${i & 255}`);
      if (i % 50 === 0) table.failed('attacker');
    }
    expect(table.size).toBe(100);
    expect(table.waitMs('attacker')).toBe(10_000);
  });
});

describe('the network an address stands for', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:0DB8:0001:0002:0003:0004:0005:0006', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
    ['1::', '1:0:0:0::/64'],
    ['', ''],
    ['unknown', 'unknown'],
  ])('%s is %s', (address, network) => expect(networkOf(address)).toBe(network));
});
