import { type SafetyPolicy, rulesFor } from '@ghostline/engine';
import { type ClientPolicy, POLICY_PATH } from '@ghostline/protocol';
import { Hono } from 'hono';
import type { AppEnv } from '../http/app-env.ts';

export interface PolicyOptions {
  /** The engine keeps to it, too, for clients that do not. */
  readonly safety: SafetyPolicy;
}

/** `GET /v1/policy`: what clients of the caller's organisation keep to by themselves. */
export function policyRoutes(options: PolicyOptions): Hono<AppEnv> {
  return new Hono<AppEnv>().get(POLICY_PATH, (c) => {
    const { excludedPaths, excludedLanguages } = rulesFor(options.safety, c.var.principal.org);
    const body: ClientPolicy = { excluded_paths: [...excludedPaths], excluded_languages: [...excludedLanguages] };
    c.header('cache-control', 'no-store');
    return c.json(body);
  });
}
