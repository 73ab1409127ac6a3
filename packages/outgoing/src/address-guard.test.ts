import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { addressRefusal, guardedLookup } from './address-guard.ts';

describe('an address', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.1',
    '::ffff:169.254.169.254',
    '[::ffff:a9fe:a9fe]',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    '[fd20:ce::254]',
    '64:ff9b::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    'ff02::1',
  ])('%s is never connected to', (address) => {
    expect(addressRefusal(address, { allowPrivate: true })).toContain('link-local, metadata or multicast');
  });

  it.each([
    '10.0.0.5',
    '127.0.0.1',
    '172.20.1.1',
    '192.168.1.1',
    '100.64.0.1',
    '::1',
    'fd12::1',
    '::ffff:10.0.0.1',
    '0.0.0.0',
  ])('%s is where GPUs are, unless the operator says that this one is not', (address) => {
    expect(addressRefusal(address)).toBeUndefined();
    expect(addressRefusal(address, { allowPrivate: false })).toContain('private');
  });

  it.each([
    '93.184.216.34',
    '2606:2800:220:1::1',
    '172.32.0.1',
    '100.128.0.1',
    '169.253.1.1',
    'gpu.example.com',
    'localhost',
  ])('%s is open, or a name that is looked up first', (host) =>
    expect(addressRefusal(host, { allowPrivate: false })).toBeUndefined(),
  );
});

describe('a look-up', () => {
  const resolver = (...found: string[]) => {
    const calls: string[] = [];
    const lookup = guardedLookup({ allowPrivate: false }, (name, _options, done) => {
      calls.push(name);
      done(
        null,
        found.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    });
    const ask = (all: boolean) =>
      new Promise<unknown>((resolve) =>
        lookup('api.example.com', { all }, (error, address) => resolve(error ? error : address)),
      );
    return { ask, calls };
  };

  it('leaves out what is refused, in either form of answer', async () => {
    const { ask } = resolver('169.254.169.254', '93.184.216.34');
    expect(await ask(true)).toEqual([{ address: '93.184.216.34', family: 4 }]);
    expect(await ask(false)).toBe('93.184.216.34');
  });

  it('fails when nothing is left, with the address and the reason', async () => {
    const { ask } = resolver('169.254.169.254', 'fd00:ec2::254');
    expect(await ask(true)).toMatchObject({
      code: 'ERR_ADDRESS_REFUSED',
      message: expect.stringMatching(/api\.example\.com resolves to .* 169\.254\.169\.254/),
    });
  });

  it('is made anew for each connection: a name that moves inside is seen', async () => {
    const answers = [['93.184.216.34'], ['10.0.0.1']];
    const lookup = guardedLookup({ allowPrivate: false }, (_name, _options, done) =>
      done(
        null,
        answers.shift()!.map((address) => ({ address, family: 4 })),
      ),
    );
    const ask = () => new Promise((resolve) => lookup('x', {}, (error, address) => resolve(error?.message ?? address)));
    expect(await ask()).toBe('93.184.216.34');
    expect(await ask()).toContain('private');
  });

  it('hands on that a name does not exist', async () => {
    const missing = Object.assign(new Error('no such host'), { code: 'ENOTFOUND' });
    const lookup = guardedLookup({}, (_name, _options, done) => done(missing, []));
    await new Promise<void>((resolve) =>
      lookup('x', {}, (error) => {
        expect(error).toBe(missing);
        resolve();
      }),
    );
  });
});
