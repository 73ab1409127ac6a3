import { createHmac, createSecretKey } from 'node:crypto';
import type { Prompt } from './prompt.ts';

/** Raised when the same prompt would be answered or stored differently than before. */
const VERSION = 1;

export interface CacheScope {
  readonly org: string;
  readonly model: string;
  readonly template: string;
}

/** Organisations are opaque to inference; remembered, as one has many requests, and forgotten when there are too many. */
const REMEMBERED_TENANTS = 10_000;

/**
 * Names for prompts: a keyed hash over all that decides the answer, so that whoever sees keys learns nothing about code.
 * Two organisations never share a name. The header holds every length, ends at the first line break (JSON has none), and
 * the texts follow: no two prompts have the same bytes.
 */
export function createCacheKeys(secret: Uint8Array): (prompt: Prompt, scope: CacheScope) => string {
  const key = createSecretKey(secret);
  return (prompt, { org, model, template }) => {
    const { prefix, suffix, snippets, sampling } = prompt;
    const header = JSON.stringify([
      VERSION,
      org,
      model,
      template,
      sampling.maxTokens,
      sampling.candidates,
      sampling.temperature,
      prompt.multiline,
      prompt.language,
      prompt.path,
      prefix.length,
      suffix.length,
      snippets.map(({ name, text }) => [name, text.length]),
    ]);
    const texts = snippets.reduce((all, { text }) => all + text, prefix + suffix);
    return createHmac('sha256', key)
      .update(bytesOf(`${header}\n${texts}`))
      .digest('base64url');
  };
}

/** Holds most prompts; used within one turn only. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
const BEYOND_ASCII = /[^\0-\x7f]/;

/** UTF-8. Most code is ASCII, which is the same in Latin-1 and copied as it is: 40 µs for 30 KB with the hash, not 93. */
function bytesOf(text: string): Buffer {
  if (text.length > scratch.length || BEYOND_ASCII.test(text)) return Buffer.from(text, 'utf8');
  return scratch.subarray(0, scratch.write(text, 0, 'latin1'));
}

/** Names that tell organisations apart to endpoints without saying who they are. */
export function createTenantNames(secret: Uint8Array): (org: string) => string {
  const key = createSecretKey(secret);
  const names = new Map<string, string>();
  return (org) => {
    const known = names.get(org);
    if (known !== undefined) return known;
    // A line break first: no prompt's header begins with one.
    const name = createHmac('sha256', key).update(`\ntenant\n${org}`).digest('base64url').slice(0, 22);
    if (names.size >= REMEMBERED_TENANTS) names.clear();
    names.set(org, name);
    return name;
  };
}
