import type { Disposable, Event } from 'vscode';

/** The part of VS Code's SecretStorage that is used. */
export interface Secrets {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
  readonly onDidChange: Event<{ readonly key: string }>;
}

/**
 * Access tokens, one for each server: a workspace that points to another server must not be given the token of yours.
 * Never in settings, which are synchronised and committed.
 */
export interface TokenStore extends Disposable {
  get(serverUrl: string): Promise<string | undefined>;
  set(serverUrl: string, token: string): Promise<void>;
  clear(serverUrl: string): Promise<void>;
}

/** `onChange` is called when a token was set or cleared, also by another window. */
export function createTokenStore(secrets: Secrets, onChange: () => void): TokenStore {
  // Asked for on every request, and a secret costs a round trip to the editor's main process.
  const known = new Map<string, Promise<string | undefined>>();
  const subscription = secrets.onDidChange(({ key }) => {
    known.delete(key);
    onChange();
  });
  return {
    get(serverUrl) {
      const key = keyOf(serverUrl);
      const cached = known.get(key);
      if (cached) return cached;
      const reading = Promise.resolve(secrets.get(key));
      known.set(key, reading);
      // A locked keychain may open later.
      reading.catch(() => known.delete(key));
      return reading;
    },
    async set(serverUrl, token) {
      await secrets.store(keyOf(serverUrl), token);
    },
    async clear(serverUrl) {
      await secrets.delete(keyOf(serverUrl));
    },
    dispose: () => void subscription.dispose(),
  };
}

/** By scheme, host and port; a URL that is none is its own. */
function keyOf(serverUrl: string): string {
  return `token ${URL.parse(serverUrl)?.origin ?? serverUrl}`;
}
