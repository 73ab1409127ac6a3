import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Settings, loadSettings, reloadSettings, sourceOf } from '../config/index.ts';
import { type LivePart, createReloader } from './reload.ts';
import { diffSources } from './settings-diff.ts';

let folder: string;
const file = () => path.join(folder, 'ghostline.yaml');
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ghostline-reload-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const env: Record<string, string> = {};
function load(yaml: string): Settings {
  writeFileSync(file(), yaml);
  return loadSettings({ argv: [], env, cwd: folder }) as Settings;
}

const endpoint = (name: string, more = '') => `{ name: ${name}, kind: openai, url: http://${name}:8000/v1${more} }`;
const fast = (...endpoints: string[]) => `
  - name: fast
    template: qwen2.5-coder
    endpoints: [${endpoints.join(', ')}]`;

describe('the difference of two configurations', () => {
  const diff = (before: string, after: string) => diffSources(sourceOf(load(before)), sourceOf(load(after)));

  it('is told in the words of the file, with items by name', () => {
    const before = `models:${fast(endpoint('a'), endpoint('b'))}`;
    expect(diff(before, before)).toEqual([]);
    expect(diff(before, `models:${fast(endpoint('a'), endpoint('b', ', maxConcurrent: 3'))}`)).toEqual([
      'models.fast.endpoints.b.maxConcurrent',
    ]);
    expect(diff('log: { level: info }', 'log: { level: debug }\nregion: eu')).toEqual(['log.level', 'region']);
    expect(diff('region: eu', 'region: eu\nauth: {}')).toEqual(['auth']);
  });

  it('names an item that came or went, and not those that moved', () => {
    const paths = diff(`models:${fast(endpoint('a'), endpoint('b'))}`, `models:${fast(endpoint('b'))}`);
    expect(paths).toEqual([
      'models.fast.endpoints',
      'models.fast.endpoints.a.kind',
      'models.fast.endpoints.a.name',
      'models.fast.endpoints.a.url',
    ]);
  });

  it('names a list whose order changed: endpoints are tried in theirs', () => {
    const paths = diff(`models:${fast(endpoint('a'), endpoint('b'))}`, `models:${fast(endpoint('b'), endpoint('a'))}`);
    expect(paths).toEqual(['models.fast.endpoints']);
  });

  it('sees a secret that is another one behind the same reference, and does not tell it', () => {
    const yaml = `models:${fast(endpoint('a', ', apiKey: { file: key }'))}`;
    writeFileSync(path.join(folder, 'key'), 'MARKER-one');
    const before = sourceOf(load(yaml));
    writeFileSync(path.join(folder, 'key'), 'MARKER-two');
    expect(diffSources(before, sourceOf(load(yaml)))).toEqual(['models.fast.endpoints.a.apiKey']);
  });
});

describe('a reload', () => {
  function running(yaml: string, prepare: LivePart['prepare'] = () => () => {}) {
    const initial = load(yaml);
    const reloader = createReloader({
      initial,
      load: () => reloadSettings({ argv: [], env, cwd: folder }, initial),
      parts: [
        { fields: ['models'], settings: ['models'], prepare },
        { fields: ['regions'], settings: ['regions'] },
      ],
      now: () => 5,
    });
    return { reloader, write: (text: string) => writeFileSync(file(), text) };
  }
  const one = `models:${fast(endpoint('a'))}`;
  const two = `models:${fast(endpoint('a'), endpoint('b'))}`;

  it('takes over what parts follow, and says which fields those were', () => {
    const taken: number[] = [];
    const { reloader, write } = running(
      one,
      ({ models }) =>
        () =>
          taken.push(models[0].endpoints.length),
    );
    write(`${two}\nregions: [{ name: us, url: https://us.example.com }]`);
    expect(reloader.reload()).toMatchObject({
      kind: 'applied',
      changed: expect.arrayContaining(['models.fast.endpoints.b.url', 'regions.us.url']),
      needsRestart: [],
    });
    expect(taken).toEqual([2]);
    expect(reloader.settings.current.models[0].endpoints).toHaveLength(2);
    expect(reloader.settings.current.regions).toHaveLength(1);
    expect(reloader.reload()).toEqual({ kind: 'unchanged', needsRestart: [] });
    expect(taken).toEqual([2]);
  });

  it('asks no part whose fields are the same', () => {
    const { reloader, write } = running(one, () => {
      throw new Error('asked');
    });
    write(`${one}\nregions: [{ name: us, url: https://us.example.com }]`);
    expect(reloader.reload().kind).toBe('applied');
  });

  it('names what needs a restart until it is what it was, and leaves it as it is', () => {
    const { reloader, write } = running(one);
    write(`${one}\nlisten: { port: 1 }\ndataDir: elsewhere`);
    expect(reloader.reload()).toEqual({ kind: 'unchanged', needsRestart: ['dataDir', 'listen.port'] });
    expect(reloader.settings.current.listen.port).toBe(4700);
    write(`${two}\nlisten: { port: 1 }`);
    expect(reloader.reload()).toMatchObject({ kind: 'applied', needsRestart: ['listen.port'] });
    write(two);
    expect(reloader.reload()).toEqual({ kind: 'unchanged', needsRestart: [] });
  });

  it.each([
    ['is not YAML', 'models: ['],
    ['does not fit the schema', 'models: 3'],
    ['names a secret that is not there', `models:${fast(endpoint('a', ', apiKey: { env: NOT_SET }'))}`],
  ])('changes nothing when the file %s', (_, broken) => {
    const { reloader, write } = running(one);
    const before = reloader.settings.current;
    write(broken);
    expect(reloader.reload()).toEqual({ kind: 'refused', reason: expect.stringMatching(/ghostline\.yaml:\d+:\d+/) });
    expect(reloader.settings.current).toBe(before);
    expect(reloader.status().last.kind).toBe('refused');
    write(two);
    expect(reloader.reload().kind).toBe('applied');
  });

  it('changes nothing when the file is gone: its defaults would be another server', () => {
    const { reloader } = running(one);
    rmSync(file());
    expect(reloader.reload()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('is gone') });
  });

  it('changes nothing at all when one part cannot take its share', () => {
    const { reloader, write } = running(one, () => {
      throw new Error('no such template');
    });
    write(`${two}\nregions: [{ name: us, url: https://us.example.com }]`);
    expect(reloader.reload()).toEqual({ kind: 'refused', reason: 'no such template' });
    expect(reloader.settings.current.regions).toEqual([]);
  });
});
