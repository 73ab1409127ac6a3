import { type ClientPolicy, POLICY_PATH } from '@ghostline/protocol';
import { Hono } from 'hono';
import type { AppEnv } from '../http/principal.ts';

export interface PolicyOptions {
  /** Patterns as in .gitignore; the engine keeps to them, too, for clients that do not. */
  readonly excludedPaths: readonly string[];
}

/** `GET /v1/policy`: what clients keep to by themselves. */
export function policyRoutes(options: PolicyOptions): Hono<AppEnv> {
  return new Hono<AppEnv>().get(POLICY_PATH, (c) => {
    const body: ClientPolicy = { excluded_paths: [...options.excludedPaths] };
    c.header('cache-control', 'no-store');
    return c.json(body);
  });
}
