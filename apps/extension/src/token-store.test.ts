import { describe, expect, it } from 'vitest';
import { type Secrets, createTokenStore } from './token-store.ts';

function fakeSecrets() {
  const values = new Map<string, string>();
  const listeners = new Set<(change: { key: string }) => void>();
  const changed = (key: string) => listeners.forEach((listener) => listener({ key }));
  let reads = 0;
  const secrets: Secrets = {
    async get(key) {
      reads++;
      return values.get(key);
    },
    async store(key, value) {
      values.set(key, value);
      changed(key);
    },
    async delete(key) {
      values.delete(key);
      changed(key);
    },
    onDidChange(listener) {
      listeners.add(listener);
      return { dispose: () => void listeners.delete(listener) };
    },
  };
  return { secrets, reads: () => reads, listeners };
}

describe('access tokens', () => {
  it('belong to one server: another host, port or scheme does not get it', async () => {
    const tokens = createTokenStore(fakeSecrets().secrets, () => {});
    await tokens.set('https://ghostline.example.com', 'secret');
    expect(await tokens.get('https://ghostline.example.com/team-a')).toBe('secret');
    expect(await tokens.get('https://evil.example.com')).toBeUndefined();
    expect(await tokens.get('https://ghostline.example.com:8443')).toBeUndefined();
    expect(await tokens.get('http://ghostline.example.com')).toBeUndefined();
  });

  it('are read once, and again after a change, also one made in another window', async () => {
    const { secrets, reads } = fakeSecrets();
    let changes = 0;
    const tokens = createTokenStore(secrets, () => changes++);
    await tokens.get('https://a.example');
    await tokens.get('https://a.example');
    expect(reads()).toBe(1);
    await secrets.store('token https://a.example', 'from elsewhere');
    expect(await tokens.get('https://a.example')).toBe('from elsewhere');
    expect(changes).toBe(1);
    await tokens.clear('https://a.example');
    expect(await tokens.get('https://a.example')).toBeUndefined();
  });

  it('are asked for again after the keychain refused', async () => {
    const { secrets } = fakeSecrets();
    let locked = true;
    const get = (key: string) => (locked ? Promise.reject(new Error('locked')) : secrets.get(key));
    const tokens = createTokenStore({ ...secrets, get }, () => {});
    await expect(tokens.get('https://a.example')).rejects.toThrow('locked');
    locked = false;
    await expect(tokens.get('https://a.example')).resolves.toBeUndefined();
  });

  it('are no longer watched after disposal', () => {
    const { secrets, listeners } = fakeSecrets();
    createTokenStore(secrets, () => {}).dispose();
    expect(listeners.size).toBe(0);
  });
});
