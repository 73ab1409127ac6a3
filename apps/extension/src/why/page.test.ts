import { describe, expect, it } from 'vitest';
import { pageOf } from './page.ts';

const parts = {
  script: 'https://x.vscode-cdn.net/why.js',
  style: 'https://x.vscode-cdn.net/why.css',
  source: 'https://*.vscode-cdn.net',
  nonce: 'abc123',
  language: 'de',
  title: 'Why',
};

describe('the page of the inspector', () => {
  it('runs its one script and takes styles from the extension, nothing else from anywhere', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(pageOf(parts))?.[1];
    expect(policy).toBe("default-src 'none'; script-src 'nonce-abc123'; style-src https://*.vscode-cdn.net");
    expect(pageOf(parts).match(/<script/g)).toHaveLength(1);
    expect(pageOf(parts)).not.toMatch(/ on[a-z]+=|style="|unsafe/);
  });

  it('takes no markup from what it is made of', () => {
    const page = pageOf({ ...parts, title: '</title><img src=x>', language: '"><script>' });
    expect(page).not.toContain('<img');
    expect(page.match(/<script/g)).toHaveLength(1);
  });
});
