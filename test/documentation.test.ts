import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '..');
const decisions = readdirSync(path.join(root, 'docs/decisions'));
const pages = ['README.md', ...decisions.map((name) => `docs/decisions/${name}`)].concat(
  readdirSync(path.join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
);

const read = (page: string) => readFileSync(path.join(root, page), 'utf8');

/** The headings of a page as they are in its links. */
function anchorsOf(page: string): Set<string> {
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  );
}

describe('the documentation', () => {
  it('leads nowhere that is not there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
        if (/^https?:/.test(link!)) return [];
        const [file = '', anchor] = link!.split('#');
        const target = file === '' ? page : path.posix.join(path.posix.dirname(page), file);
        const isThere = existsSync(path.join(root, target)) && (anchor === undefined || anchorsOf(target).has(anchor));
        return isThere ? [] : [`${page}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  it('numbers each decision once', () => {
    const numbers = decisions.map((name) => name.slice(0, 4));
    expect(numbers).toEqual([...new Set(numbers)]);
  });
});
