import { type ManualClock, createManualClock } from '@ghostline/clock/testing';
import { ProblemError } from '@ghostline/protocol';
import { randomFrom } from '@ghostline/seeded';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Access, type AccessOptions, createAccess } from './access.ts';
import { createKey, revokeKey } from './keys/administration.ts';
import { LOOK_EVERY_MS, WRITE_USES_EVERY_MS } from './keys/follow.ts';
import { COOLDOWN_MS } from './oidc/issuer-keys.ts';
import type { IssuerOptions } from './oidc/issuer.ts';
import { LOCAL_PRINCIPAL } from './principal.ts';
import type { RefusalReason } from './refusal.ts';
import { type TestIssuer, startIssuer } from './testing/issuer.ts';
import { createMemoryKeyStore } from './testing/memory-key-store.ts';
import { fixedKeyFor, issuerOptions } from './testing/samples.ts';

const signal = new AbortController().signal;
const secret = 'an-old-key';
const fixed = fixedKeyFor(secret);
const ADDRESS = '192.0.2.1';

let clock: ManualClock;
let store: ReturnType<typeof createMemoryKeyStore>;
let refused: RefusalReason[];
let open: Access[];

beforeEach(() => {
  clock = createManualClock(Date.UTC(2026, 10, 21));
  store = createMemoryKeyStore();
  refused = [];
  open = [];
});
afterEach(async () => {
  for (const access of open) await access.close();
});

async function accessWith(options: Partial<AccessOptions> = {}): Promise<Access> {
  const access = createAccess({
    required: true,
    fixedKeys: [fixed],
    stores: [{ store }],
    failuresPerMinute: 3,
    onRefused: (reason) => refused.push(reason),
    now: clock.now,
    setTimer: clock.setTimer,
    ...options,
  });
  open.push(access);
  await access.ready;
  return access;
}

async function newKey(id = 'bob', expires?: number): Promise<string> {
  const outcome = await createKey(
    store,
    { id, org: 'acme', team: 'web', user: id, roles: ['developer'], expires },
    signal,
    clock.now,
  );
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  return outcome.secret;
}

async function look(): Promise<void> {
  await clock.advance(LOOK_EVERY_MS);
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** The user a credential is of, or the problem it meets. */
async function ask(access: Access, credential: string | undefined, address = ADDRESS) {
  try {
    return (await access.authenticate(credential === undefined ? undefined : `Bearer ${credential}`, () => address))
      .user;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { status, detail, retry_after_ms } = error.problem;
    return { status, detail, retry_after_ms };
  }
}

describe('keys', () => {
  it('of the configuration and of the store are known at once, without a promise', async () => {
    const made = await newKey();
    const access = await accessWith();
    const never = () => {
      throw new Error('the address of a known key is nobody’s business');
    };
    expect(access.authenticate(`Bearer ${secret}`, never)).toEqual({
      keyId: 'alice-laptop',
      org: 'acme',
      team: 'web',
      user: 'alice',
      roles: ['developer'],
    });
    expect(access.authenticate(`bearer  ${made}`, never)).toMatchObject({ keyId: 'bob', user: 'bob' });
    expect(access.keyCount()).toBe(2);
  });

  it('that are missing, of another form or unknown are told apart, with what to do', async () => {
    const access = await accessWith();
    expect(await ask(access, undefined)).toMatchObject({
      status: 401,
      detail: expect.stringContaining('Send your API key'),
    });
    await expect(async () => access.authenticate('Basic YTpi', () => ADDRESS)).rejects.toThrow('another form');
    expect(await ask(access, 'something')).toMatchObject({
      status: 401,
      detail: expect.stringContaining('not known here'),
    });
    expect(await ask(access, (await newKey('cut')).slice(0, -1))).toMatchObject({
      status: 401,
      detail: expect.stringContaining('copy it again'),
    });
    expect(refused).toEqual(['missing', 'malformed', 'unknown-key', 'damaged-key']);
  });

  it('count from the second they are created in, and until the second they are revoked in', async () => {
    const access = await accessWith();
    const made = await newKey();
    await look();
    expect(await ask(access, made)).toBe('bob');
    await revokeKey(store, 'bob', signal, clock.now);
    await look();
    expect(await ask(access, made)).toMatchObject({
      status: 401,
      detail: expect.stringContaining('"bob" was revoked'),
    });
    expect(refused).toEqual(['revoked-key']);
  });

  it('end at their expiry, in the configuration too', async () => {
    const soon = clock.now() + 5000;
    const made = await newKey('bob', soon);
    const access = await accessWith({ fixedKeys: [{ ...fixed, expires: soon }] });
    await clock.advance(4999);
    expect([await ask(access, made), await ask(access, secret)]).toEqual(['bob', 'alice']);
    await clock.advance(1);
    const expired = { status: 401, detail: expect.stringContaining(`expired at ${new Date(soon).toISOString()}`) };
    expect([await ask(access, made), await ask(access, secret)]).toEqual([
      expect.objectContaining(expired),
      expect.objectContaining(expired),
    ]);
  });

  it('go on while their store is away; what is unknown may be known later', async () => {
    const made = await newKey();
    const access = await accessWith();
    store.failure = 'connection refused';
    await look();
    expect(await ask(access, made)).toBe('bob');
    store.failure = undefined;
    const later = await newKey('carol');
    store.failure = 'connection refused';
    expect(await ask(access, later)).toMatchObject({ status: 503, retry_after_ms: 2000 });
    expect(await ask(access, 'no-key-at-all')).toMatchObject({ status: 401 });
    expect(access.states()).toMatchObject({
      keys: { state: 'degraded', detail: expect.stringContaining('connection refused') },
    });
    store.failure = undefined;
    await look();
    expect(await ask(access, later)).toBe('carol');
    expect(access.states()).toEqual({ keys: { state: 'ok' } });
  });

  it('have their last use written, those of the configuration with the first store', async () => {
    const made = await newKey();
    const access = await accessWith();
    await ask(access, made);
    await ask(access, secret);
    const at = clock.now();
    await clock.advance(WRITE_USES_EVERY_MS);
    await vi.waitFor(() =>
      expect([...store.uses]).toEqual([
        ['bob', at],
        ['alice-laptop', at],
      ]),
    );
  });
});

describe('without a word about authentication in the configuration', () => {
  const silent = { required: false, fixedKeys: [] };

  it('everyone is the local user', async () => {
    const access = await accessWith(silent);
    expect(access.authenticate(undefined, () => ADDRESS)).toBe(LOCAL_PRINCIPAL);
    expect(access.authenticate('Bearer whatever', () => ADDRESS)).toBe(LOCAL_PRINCIPAL);
    expect(access.required()).toBe(false);
  });

  it('the first key asks everyone for one, and this is told', async () => {
    const onRequired = vi.fn<() => void>();
    const access = await accessWith({ ...silent, onRequired });
    const made = await newKey();
    await look();
    expect(onRequired).toHaveBeenCalledOnce();
    expect(await ask(access, undefined)).toMatchObject({ status: 401 });
    expect(await ask(access, made)).toBe('bob');
    await newKey('carol');
    await look();
    expect(onRequired).toHaveBeenCalledOnce();
  });

  it('revoking or losing the last key opens nothing again', async () => {
    const access = await accessWith(silent);
    await newKey();
    await look();
    await revokeKey(store, 'bob', signal, clock.now);
    await look();
    expect(await ask(access, undefined)).toMatchObject({ status: 401 });
    store.journal.length = 0;
    await look();
    expect(access.keyCount()).toBe(0);
    expect(await ask(access, undefined)).toMatchObject({ status: 401 });
  });

  it('a start after the last key was revoked or expired is closed, too', async () => {
    await newKey('bob', clock.now() - 1);
    const access = await accessWith(silent);
    expect(access.required()).toBe(true);
  });

  it('keys that are there and cannot be read close it', async () => {
    store.failure = 'permission denied';
    const onRequired = vi.fn<() => void>();
    const access = await accessWith({ ...silent, stores: [{ store, closedWhenUnread: true }], onRequired });
    expect(onRequired).toHaveBeenCalledOnce();
    expect(await ask(access, undefined)).toMatchObject({ status: 401 });
    expect(access.states()).toMatchObject({ keys: { detail: expect.stringContaining('permission denied') } });
  });

  it('a mirror of keys closes a start that cannot read the store', async () => {
    await newKey();
    const entries = [...store.journal];
    store.failure = 'connection refused';
    const mirror = { load: async () => entries, save: async () => {} };
    const access = await accessWith({ ...silent, stores: [{ store, mirror }] });
    expect(access.required()).toBe(true);
  });
});

describe('when the configuration changes', () => {
  it('keys that are new count at once, and those that are gone no more', async () => {
    const access = await accessWith();
    const other = fixedKeyFor('another', { id: 'bob', user: 'bob' });
    expect(await ask(access, 'another')).toMatchObject({ status: 401 });
    access.configure({ required: true, fixedKeys: [other] });
    expect(await ask(access, 'another')).toBe('bob');
    expect(await ask(access, secret)).toMatchObject({ status: 401 });
  });

  it('an issuer that is gone takes its tokens along; one that stays is not asked again', async () => {
    const [stays, goes] = [await startIssuer({ now: clock.now }), await startIssuer({ now: clock.now })];
    const access = await accessWith({ issuers: [issuerOptions(stays), issuerOptions(goes)] });
    const tokens = [await stays.sign({ sub: 'a' }), await goes.sign({ sub: 'b' })] as const;
    expect([await ask(access, tokens[0]), await ask(access, tokens[1])]).toEqual(['a', 'b']);
    access.configure({ required: true, issuers: [issuerOptions(stays)] });
    expect(await ask(access, tokens[0])).toBe('a');
    expect(await ask(access, tokens[1])).toMatchObject({ status: 401 });
    expect(stays.asked).toHaveLength(2);
    await Promise.all([stays.stop(), goes.stop()]);
  });

  it('authentication may come, and does not go before a restart', async () => {
    const access = await accessWith({ required: false, fixedKeys: [] });
    access.configure({ required: true });
    expect(await ask(access, undefined)).toMatchObject({ status: 401 });
    access.configure({ required: false });
    expect(await ask(access, undefined)).toMatchObject({ status: 401 });
  });
});

describe('with authentication and no key yet', () => {
  it('the answer says how one is made', async () => {
    const access = await accessWith({ fixedKeys: [] });
    expect(await ask(access, 'x')).toMatchObject({
      status: 401,
      detail: expect.stringContaining('ghostline keys create'),
    });
  });
});

describe('an address that tries one credential after the other', () => {
  const guesses = (n: number) => Array.from({ length: n }, (_, i) => `guess-${i}`);

  it('is slowed, and is told for how long', async () => {
    const slowed: [string, number][] = [];
    const access = await accessWith({ onSlowed: (...what) => slowed.push(what) });
    const statuses: unknown[] = [];
    for (const guess of guesses(6)) statuses.push(await ask(access, guess));
    expect(statuses.map((answer) => (answer as { status: number }).status)).toEqual([401, 401, 401, 401, 429, 429]);
    expect(statuses.at(-1)).toMatchObject({ retry_after_ms: 10_000, detail: expect.stringContaining(ADDRESS) });
    expect(refused.filter((reason) => reason === 'slowed')).toHaveLength(2);
    expect(slowed).toEqual([[ADDRESS, 10_000]]);
    expect(await ask(access, 'other', '198.51.100.1')).toMatchObject({ status: 401 });
  });

  it('finds that known keys go on from there', async () => {
    const made = await newKey();
    const access = await accessWith();
    for (const guess of guesses(10)) await ask(access, guess);
    expect([await ask(access, secret), await ask(access, made)]).toEqual(['alice', 'bob']);
  });

  it('is not taken for one that sends the same wrong key at every keystroke', async () => {
    const access = await accessWith();
    for (let i = 0; i < 100; i++) expect(await ask(access, 'stale')).toMatchObject({ status: 401 });
    expect(await ask(access, 'another')).toMatchObject({ status: 401 });
  });

  it('is not taken for one whose keys have expired or were revoked', async () => {
    const access = await accessWith();
    const made = await Promise.all(guesses(10).map((id) => newKey(id, clock.now() + 1)));
    await look();
    for (const key of made) expect(await ask(access, key)).toMatchObject({ status: 401 });
    expect(await ask(access, 'unknown')).toMatchObject({ status: 401 });
  });

  it('finds a key that was unknown a moment ago and has been created since', async () => {
    const access = await accessWith();
    const made = await newKey();
    expect(await ask(access, made)).toMatchObject({ status: 401 });
    await look();
    expect(await ask(access, made)).toBe('bob');
  });
});

describe('tokens', () => {
  let issuer: TestIssuer;
  let options: IssuerOptions;
  beforeEach(async () => {
    issuer = await startIssuer({ now: clock.now });
    options = issuerOptions(issuer, { clockSkewMs: 30_000 });
  });
  afterEach(() => issuer.stop());

  const issuerRead = () => vi.waitFor(() => expect(clock.waiting).toContain(300_000));

  it('are verified once, and then known at once', async () => {
    const access = await accessWith({ issuers: [options] });
    const token = await issuer.sign({ sub: 'carol' });
    const first = access.authenticate(`Bearer ${token}`, () => ADDRESS);
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toMatchObject({ user: 'carol', org: 'acme' });
    expect(access.authenticate(`Bearer ${token}`, () => ADDRESS)).toBe(await first);
  });

  it('are verified once when they come several times at once', async () => {
    const access = await accessWith({ issuers: [options], failuresPerMinute: 1 });
    const token = await issuer.sign({ aud: 'somebody else' });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(access, token)));
    expect(new Set(answers.map((answer) => (answer as { status: number }).status))).toEqual(new Set([401]));
    expect(await ask(access, 'another')).toMatchObject({ status: 401 });
  });

  it('are verified again when their issuer changes its keys, which is looked for every five minutes', async () => {
    const access = await accessWith({ issuers: [options] });
    const token = await issuer.sign();
    expect(await ask(access, token)).toBe('u-1');
    await issuer.rotate();
    await clock.advance(299_999);
    expect(await ask(access, token)).toBe('u-1');
    await clock.advance(1);
    await vi.waitFor(() => expect(clock.waiting).toContain(300_000));
    const withdrawn = ask(access, token);
    await vi.waitFor(() => expect(clock.waiting).toContain(COOLDOWN_MS));
    await clock.advance(COOLDOWN_MS);
    expect(await withdrawn).toMatchObject({ status: 401, detail: expect.stringContaining('does not publish') });
  });

  it('are known no longer than they are valid', async () => {
    const access = await accessWith({ issuers: [options] });
    const token = await issuer.sign({ exp: clock.now() / 1000 + 60 });
    expect(await ask(access, token)).toBe('u-1');
    await clock.advance(60_000 + 29_999);
    expect(await ask(access, token)).toBe('u-1');
    await clock.advance(1);
    expect(await ask(access, token)).toMatchObject({ status: 401, detail: expect.stringContaining('expired') });
  });

  it('of an issuer that is away are answered with 503, and do not slow the address', async () => {
    issuer.behave((response) => response.destroy());
    const access = await accessWith({ issuers: [options] });
    for (let i = 0; i < 10; i++) {
      expect(await ask(access, await issuer.sign({ sub: `u-${i}` }))).toMatchObject({
        status: 503,
        retry_after_ms: 10_000,
      });
    }
    expect(access.states()).toMatchObject({
      issuers: { state: 'degraded', detail: expect.stringContaining(issuer.url) },
    });
    expect(await ask(access, secret)).toBe('alice');
  });

  it('go to the issuer they name, and to none that is not configured', async () => {
    const other = await startIssuer({ now: clock.now });
    const access = await accessWith({
      issuers: [
        options,
        { ...options, issuer: other.url, org: 'umbrella', claims: { ...options.claims, org: undefined } },
      ],
    });
    const principal = await access.authenticate(`Bearer ${await other.sign()}`, () => ADDRESS);
    expect(principal).toMatchObject({ org: 'umbrella', keyId: `${new URL(other.url).host}/u-1` });
    await other.stop();
    const foreign = await issuer.sign({ iss: 'https://elsewhere.example' });
    expect(await ask(access, foreign)).toMatchObject({
      status: 401,
      detail: 'The token is from "https://elsewhere.example"; this server takes those of issuers in auth.oidc only.',
    });
  });

  it('that are forged slow their address like guessed keys', async () => {
    const access = await accessWith({ issuers: [options] });
    const [header, payload] = (await issuer.sign()).split('.');
    for (let i = 0; i < 4; i++) {
      expect(await ask(access, `${header}.${payload}.${'A'.repeat(85)}${i}`)).toMatchObject({ status: 401 });
    }
    expect(await ask(access, await issuer.sign())).toMatchObject({ status: 429 });
  });

  /** Tokens that nobody but the issuer can judge: they wait for it, until the time for the next question has come. */
  async function askForged(access: Access, kids: readonly string[], address = ADDRESS) {
    const tokens = await Promise.all(kids.map((kid) => issuer.sign({}, { kid })));
    const answers = tokens.map((token) => ask(access, token, address));
    await vi.waitFor(() => expect(clock.waiting).toContain(COOLDOWN_MS));
    await clock.advance(COOLDOWN_MS);
    return Promise.all(answers);
  }

  it('that name a key their issuer does not have slow their address like guessed keys', async () => {
    const access = await accessWith({ issuers: [options] });
    await issuerRead();
    for (const kid of ['a', 'b', 'c', 'd']) {
      expect(await askForged(access, [kid])).toEqual([
        { status: 401, detail: expect.stringContaining('does not publish'), retry_after_ms: undefined },
      ]);
    }
    const asked = issuer.asked.length;
    expect(await ask(access, await issuer.sign({}, { kid: 'e' }))).toMatchObject({ status: 429 });
    expect(refused).toEqual([...Array.from({ length: 4 }, () => 'token-signature'), 'slowed']);
    expect(issuer.asked).toHaveLength(asked);
  });

  it('that name keys the issuer does not have are one question to it for all who send them at a time', async () => {
    const access = await accessWith({ issuers: [options], failuresPerMinute: 20 });
    await issuerRead();
    const before = issuer.asked.length;
    const answers = Promise.all(
      Array.from({ length: 30 }, async (_, i) =>
        ask(access, await issuer.sign({}, { kid: `k-${i}` }), `198.51.100.${i}`),
      ),
    );
    await vi.waitFor(() => expect(clock.waiting).toContain(COOLDOWN_MS));
    await clock.advance(COOLDOWN_MS);
    for (const answer of await answers) expect(answer).toMatchObject({ status: 401 });
    expect(issuer.asked.length - before).toBe(2);
  });

  it('of one address that wait for the issuer are as few as it may fail at', async () => {
    const access = await accessWith({ issuers: [options] });
    await issuerRead();
    const statuses = (await askForged(access, ['a', 'b', 'c', 'd', 'e'])).map(
      (answer) => (answer as { status: number }).status,
    );
    expect(statuses.toSorted()).toEqual([401, 401, 401, 429, 429]);
  });

  it('that are known, or signed with known keys, wait for no question that strangers cause', async () => {
    const access = await accessWith({ issuers: [options] });
    await issuerRead();
    const known = await issuer.sign({ sub: 'carol' });
    expect(await ask(access, known)).toBe('carol');
    await clock.advance(COOLDOWN_MS);
    issuer.behave(() => {});
    const asked = issuer.asked.length;
    const stranger = access.authenticate(`Bearer ${await issuer.sign({}, { kid: 'x' })}`, () => '198.51.100.1');
    const left = Promise.resolve(stranger).catch(() => 'refused');
    await vi.waitFor(() => expect(issuer.asked.length).toBeGreaterThan(asked));
    expect(access.authenticate(`Bearer ${known}`, () => ADDRESS)).toMatchObject({ user: 'carol' });
    expect(await ask(access, await issuer.sign({ sub: 'dave' }))).toBe('dave');
    await access.close();
    expect(await left).toBe('refused');
  });

  it('that were good are looked at again although their address is slowed', async () => {
    const access = await accessWith({ issuers: [options] });
    const good = await issuer.sign();
    expect(await ask(access, good)).toBe('u-1');
    await clock.advance(300_000);
    for (let i = 0; i < 5; i++) await ask(access, `guess-${i}`);
    expect(await ask(access, 'guess')).toMatchObject({ status: 429 });
    expect(await ask(access, good)).toBe('u-1');
  });

  it('that stay wrong count once a minute, as an editor sends them at every key', async () => {
    const access = await accessWith({ issuers: [options] });
    const [header, payload] = (await issuer.sign()).split('.');
    for (let second = 0; second < 50; second += 5) {
      expect(await ask(access, `${header}.${payload}.${'A'.repeat(86)}`)).toMatchObject({ status: 401 });
      await clock.advance(5000);
    }
    expect(await ask(access, await issuer.sign())).toBe('u-1');
  });

  it('that their issuer made do not slow their address, however old they are or whomever they are for', async () => {
    const access = await accessWith({ issuers: [options] });
    const now = clock.now() / 1000;
    for (let i = 0; i < 5; i++) {
      for (const claims of [{ exp: now - 3600 }, { aud: 'billing' }, { team: undefined }, { nbf: now + 3600 }]) {
        expect(await ask(access, await issuer.sign({ ...claims, jti: `${i}` }))).toMatchObject({ status: 401 });
      }
    }
    expect(await ask(access, await issuer.sign())).toBe('u-1');
  });

  it.each(['a.b.c', '..', `${'x'.repeat(20_000)}.e30.x`, 'e30.e30.', 'bnVsbA.bnVsbA.x'])(
    'that are none (%.20s…) are refused, and nothing breaks',
    async (token) => {
      const access = await accessWith({ issuers: [options] });
      expect(await ask(access, token)).toMatchObject({ status: 401 });
    },
  );

  it('are unknown keys to a server without issuers', async () => {
    const access = await accessWith();
    expect(await ask(access, await issuer.sign())).toMatchObject({
      status: 401,
      detail: expect.stringContaining('API key'),
    });
  });
});

describe('anything at all that is sent as a credential', () => {
  const pieces = [
    'Bearer ',
    'bearer  ',
    'Basic ',
    'gl_',
    'alice_',
    '.',
    '..',
    'eyJhbGciOiJFUzI1NiJ9',
    'e30',
    '=',
    ' ',
    '\u0000',
    '\ud800',
    'é',
    '_',
    '-',
    '%',
    '{"iss":1}',
    'x'.repeat(300),
  ];

  it('is let in only when it is a known key, and else refused with a problem that does not repeat it', async () => {
    const issuer = await startIssuer({ now: clock.now });
    const access = await accessWith({
      failuresPerMinute: 1_000_000,
      issuers: [issuerOptions(issuer)],
    });
    const random = randomFrom(42);
    const marker = 'm4rk3r';
    for (let i = 0; i < 20_000; i++) {
      const parts = Array.from({ length: random(7) }, () => pieces[random(pieces.length)]);
      const header = i % 3 === 0 ? parts.join('') : `Bearer ${parts.join('')}${marker}${random(1000)}`;
      try {
        await access.authenticate(header, () => ADDRESS);
        expect.fail(`${JSON.stringify(header)} was let in`);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        expect([401, 503]).toContain(error.problem.status);
        expect(error.problem.detail).not.toContain(marker);
      }
    }
    await issuer.stop();
  });
});
