/**
 * The editor's own fetch, asked for HTTP/2 where it can be. VS Code puts its fetch in place of Node's: proxies, system
 * certificates and the `http.*` settings come with it, and an undici agent in the request's options tells it whether to offer
 * HTTP/2 (`@vscode/proxy-agent`, `createFetchPatch`). On a kept connection a cancelled completion then resets its own stream;
 * over HTTP/1.1 it would cost TCP and TLS anew. Requests at the same time have a connection each before undici 8, which does
 * not share one among POSTs; all of them are kept. Browsers, and Electron's fetch, negotiate by themselves.
 */

/** What of an undici agent is needed here. */
interface Agent {
  dispatch(options: object, handler: object): boolean;
  close(): Promise<void>;
}
type AgentClass = new (options: { readonly allowH2: boolean }) => Agent;

export interface HostFetch {
  readonly fetch: typeof globalThis.fetch;
  /** How requests are made now, for the log and the inspector. */
  describe(): string;
  dispose(): void;
}

export interface HostFetchOptions {
  /** The value of `http.proxySupport`; read for every request. */
  readonly proxySupport: () => string | undefined;
  /** Where the host's fetch is; read for every request, as VS Code replaces it. */
  readonly host?: { fetch: typeof globalThis.fetch };
}

/** The HTTP/2 client of undici 6, in Node 22, throws beyond its caller when a stream is cancelled. */
const SOUND_UNDICI = 7;

/** Where every copy of undici, Node's included, keeps the agent that requests without one of their own go to. */
const GLOBAL_AGENT = Symbol.for('undici.globalDispatcher.1');

export function createHostFetch({ proxySupport, host = globalThis }: HostFetchOptions): HostFetch {
  let newAgent: (() => Agent) | undefined;
  let sought = false;
  let agent: Agent | undefined;

  function agentNow(): Agent | undefined {
    // With this value VS Code leaves requests that have an agent to it, and the proxy with them.
    if (proxySupport() === 'on') return undefined;
    if (!sought) {
      sought = true;
      newAgent = agentsOf(host);
    }
    return (agent ??= newAgent?.());
  }

  function forget(used: Agent | undefined): void {
    if (agent === used) agent = undefined;
    // What still streams over its connections may go on.
    used?.close().catch(() => undefined);
  }

  return {
    async fetch(input, init) {
      const dispatcher = agentNow();
      if (!dispatcher) return host.fetch(input, init);
      const withAgent: RequestInit & { dispatcher: Agent } = { ...init, dispatcher };
      try {
        return await host.fetch(input, withAgent);
      } catch (error) {
        // The server wants its connections left, as when it restarts: the next request makes another.
        if (isGoAway(error)) forget(dispatcher);
        throw error;
      }
    },
    describe: () =>
      agentNow() ? 'the editor’s fetch, with HTTP/2 where the server offers it' : 'the editor’s fetch, as it is',
    dispose: () => forget(agent),
  };
}

/**
 * Makes agents that offer HTTP/2, of Node's own class: the one thing that fits the fetch of whatever version of Node the
 * editor has, and nothing to bundle. Undefined where requests go through something else: a browser has no such thing, and
 * another program's agent, such as for a proxy of its own, is left alone.
 */
function agentsOf(host: object): (() => Agent) | undefined {
  // Node loads its fetch, which sets the agent, when something of it is first used.
  if (!(GLOBAL_AGENT in host)) Reflect.get(host, 'Response');
  const global: unknown = Reflect.get(host, GLOBAL_AGENT);
  if (!isAgent(global) || global.constructor.name !== 'Agent') return undefined;
  if (undiciOf(host) < SOUND_UNDICI) return () => offerAlone(global);
  const agentClass = global.constructor as AgentClass;
  try {
    const offers = optionsOf(new agentClass({ allowH2: true }))?.allowH2 === true;
    return offers ? () => new agentClass({ allowH2: true }) : undefined;
  } catch {
    return undefined;
  }
}

/** Tells VS Code, whose own undici is newer than Node's, to offer HTTP/2; without it requests go as they always do. */
function offerAlone(global: Agent): Agent {
  const offer = {
    [Symbol('options')]: { allowH2: true },
    dispatch: (options: object, handler: object) => global.dispatch(options, handler),
    close: async () => {},
  };
  return offer;
}

/** The options of an agent, where VS Code looks for them. */
function optionsOf(agent: object): { readonly allowH2?: unknown } | undefined {
  const key = Object.getOwnPropertySymbols(agent).find(({ description }) => description === 'options');
  const options: unknown = key && Reflect.get(agent, key);
  return typeof options === 'object' && options !== null ? options : undefined;
}

function isAgent(value: unknown): value is Agent {
  return typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function';
}

/** Major version of the undici in Node; 0 when it does not say. */
function undiciOf(host: object): number {
  const { process } = host as { process?: { versions?: { undici?: string } } };
  return Number.parseInt(process?.versions?.undici ?? '0', 10);
}

function isGoAway(error: unknown): boolean {
  for (let each = error, depth = 0; each instanceof Error && depth < 4; each = each.cause, depth++) {
    if (each.message.includes('GOAWAY')) return true;
  }
  return false;
}
