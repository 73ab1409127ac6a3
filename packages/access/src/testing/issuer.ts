import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, type JWK, type JWTPayload, SignJWT, exportJWK, generateKeyPair } from 'jose';

/** Makes tokens; what is not given is what a well-behaved issuer says. */
export interface Forger {
  (claims?: JWTPayload, header?: { readonly alg?: string; readonly kid?: string }): Promise<string>;
}

export interface TestIssuer {
  readonly url: string;
  readonly audience: string;
  /** Signs with the newest key. */
  readonly sign: Forger;
  /** A new key that signs from now on; the earlier ones are published no more. */
  rotate(): Promise<void>;
  /** Addresses that were asked for. */
  readonly asked: readonly string[];
  /** The newest public key as the issuer publishes it. */
  publicKey(): Promise<JWK>;
  /** Answers like this instead; undefined: as it should. */
  behave(answer: ((response: ServerResponse, path: string) => void) | undefined): void;
  stop(): Promise<void>;
}

/** A real issuer on loopback: discovery, key set and tokens signed with real keys. `now` in milliseconds. */
export async function startIssuer({
  now = Date.now,
  alg = 'ES256',
}: { now?: () => number; alg?: string } = {}): Promise<TestIssuer> {
  const asked: string[] = [];
  let behaviour: ((response: ServerResponse, path: string) => void) | undefined;
  let key = await newKey(alg, 1);
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (behaviour) return behaviour(response, path);
    response.setHeader('content-type', 'application/json');
    if (path === '/.well-known/openid-configuration') {
      return response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }));
    }
    if (path === '/keys') return void publish(response);
    response.statusCode = 404;
    return response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const audience = 'ghostline';

  return {
    url,
    audience,
    asked,
    publicKey: async () => ({ ...(await exportJWK(key.publicKey)), kid: key.kid, alg }) as JWK,
    async sign(claims = {}, header = {}) {
      const seconds = Math.floor(now() / 1000);
      const standard = { iss: url, aud: audience, sub: 'u-1', iat: seconds, exp: seconds + 3600 };
      return new SignJWT({ ...standard, org: 'acme', team: 'web', ...claims })
        .setProtectedHeader({ alg, kid: key.kid, ...header })
        .sign(key.privateKey);
    },
    async rotate() {
      key = await newKey(alg, key.number + 1);
    },
    behave(answer) {
      behaviour = answer;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      if (server.listening) await once(server, 'close');
    },
  };

  async function publish(response: ServerResponse): Promise<void> {
    response.end(JSON.stringify({ keys: [{ ...(await exportJWK(key.publicKey)), kid: key.kid, alg, use: 'sig' }] }));
  }
}

interface SigningKey {
  readonly number: number;
  readonly kid: string;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

async function newKey(alg: string, number: number): Promise<SigningKey> {
  return { number, kid: `key-${number}`, ...(await generateKeyPair(alg, { extractable: true })) };
}
