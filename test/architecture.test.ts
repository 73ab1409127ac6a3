import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

/**
 * The table of docs/architecture.md as tests: what each package may import, and which files may touch the outside world.
 * Parsed, not grepped: TypeScript 7's package has no compiler API, oxc's parser reads the same syntax.
 */
const root = path.resolve(import.meta.dirname, '..');

/** Folder → the project's own packages it may import. `test` may import everything and is imported by nobody. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'packages/protocol': [],
  'packages/clock': [],
  'packages/seeded': [],
  'packages/outgoing': [],
  'packages/ngram-model': [],
  'packages/safety': [],
  'packages/syntax': [],
  'packages/client': ['protocol', 'safety', 'syntax', 'ngram-model'],
  'packages/inspector': ['client', 'protocol'],
  'packages/inference': ['ngram-model', 'outgoing'],
  'packages/engine': ['protocol', 'safety', 'syntax', 'inference'],
  'packages/limits': ['protocol', 'clock'],
  'packages/telemetry': ['protocol', 'clock'],
  'packages/access': ['protocol', 'clock'],
  'apps/extension': ['client', 'inspector', 'protocol', 'ngram-model'],
  'apps/server': [
    'protocol',
    'clock',
    'outgoing',
    'ngram-model',
    'safety',
    'syntax',
    'inference',
    'engine',
    'telemetry',
    'access',
    'limits',
  ],
  'apps/dashboard': ['client', 'inspector', 'protocol'],
  'apps/cli': ['client', 'protocol', 'inference'],
};

/** For tests alone, and so for the tests of all. */
const FOR_TESTS = new Set(['seeded']);

/** Packages that run in a browser worker too: no Node modules, no globals of Node. */
const WEB_STANDARD = new Set([
  'packages/protocol',
  'packages/ngram-model',
  'packages/safety',
  'packages/syntax',
  'packages/client',
  'packages/inspector',
]);

interface Source {
  readonly file: string;
  readonly folder: string;
  readonly isTest: boolean;
  readonly text: string;
  readonly imports: readonly string[];
  /** Those of them that are there when the program runs. */
  readonly runtimeImports: readonly string[];
}

const folders = [...Object.keys(MAY_IMPORT), 'test'];
const sources = folders.flatMap((folder) => readSources(folder));

function readSources(folder: string): Source[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/(?:^|[/\\])(?:node_modules|dist)[/\\]/.test(name))
    .map((name) => {
      const file = `${folder}/${name.split(path.sep).join('/')}`;
      const text = readFileSync(path.join(root, file), 'utf8');
      const { imports, runtimeImports } = importsOf(file, text);
      return { file, folder, isTest: /\.test\.tsx?$|\/testing\//.test(file), text, imports, runtimeImports };
    });
}

function importsOf(file: string, text: string): Pick<Source, 'imports' | 'runtimeImports'> {
  const { module, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const literal = ({ start, end }: { start: number; end: number }) =>
    /^['"](.*)['"]$/.exec(text.slice(start, end))?.[1];
  const reexports = module.staticExports.flatMap(({ entries }) => entries);
  const erased = ({ entries }: { entries: readonly { isType: boolean }[] }) =>
    entries.length > 0 && entries.every(({ isType }) => isType);
  const imports = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...reexports.flatMap((entry) => entry.moduleRequest?.value ?? []),
    ...module.dynamicImports.flatMap((entry) => literal(entry.moduleRequest) ?? []),
  ];
  const runtimeImports = [
    ...module.staticImports.filter((entry) => !erased(entry)).map((entry) => entry.moduleRequest.value),
    ...reexports.filter(({ isType }) => !isType).flatMap((entry) => entry.moduleRequest?.value ?? []),
  ];
  return { imports, runtimeImports };
}

const breaches = (find: (source: Source) => readonly string[]) =>
  sources.flatMap((source) => find(source).map((what) => `${source.file}: ${what}`));

const production = sources.filter(({ isTest, folder }) => !isTest && folder !== 'test');

describe('the architecture', () => {
  it('has sources in every folder of the table', () => {
    for (const folder of folders)
      expect(
        sources.filter((source) => source.folder === folder),
        folder,
      ).not.toEqual([]);
  });

  it('lets each package import only what its row allows', () => {
    expect(
      breaches(({ folder, isTest, imports }) =>
        imports.filter((name) => {
          const own = /^@ghostline\/([^/]+)/.exec(name)?.[1];
          if (own === undefined || folder === 'test' || (isTest && FOR_TESTS.has(own))) return false;
          return !MAY_IMPORT[folder]!.includes(own);
        }),
      ),
    ).toEqual([]);
  });

  it('declares what it imports, and nothing of the project that it does not', () => {
    for (const [folder, allowed] of Object.entries(MAY_IMPORT)) {
      const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
      const declared = Object.keys(manifest.dependencies ?? {}).flatMap(
        (name) => /^@ghostline\/(.+)/.exec(name)?.[1] ?? [],
      );
      expect(
        declared.filter((name) => !allowed.includes(name)),
        folder,
      ).toEqual([]);
    }
  });

  it('reaches no package by a path around its entry', () => {
    expect(
      breaches(({ file, imports }) =>
        imports.filter((name) => {
          if (!name.startsWith('.')) return false;
          const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), name));
          return (
            target.split('/').slice(0, 2).join('/') !== file.split('/').slice(0, 2).join('/') &&
            !file.startsWith('test/')
          );
        }),
      ),
    ).toEqual([]);
  });

  it('has no circle of imports: whatever a file needs is there before it', () => {
    const needs = new Map(
      production.map(({ file, runtimeImports }) => [
        file,
        runtimeImports
          .filter((name) => name.startsWith('.'))
          .map((name) => path.posix.normalize(path.posix.join(path.posix.dirname(file), name))),
      ]),
    );
    const done = new Set<string>();
    const circles: string[] = [];
    const follow = (file: string, above: readonly string[]): void => {
      if (above.includes(file)) circles.push([...above.slice(above.indexOf(file)), file].join(' → '));
      if (done.has(file) || above.includes(file)) return;
      for (const needed of needs.get(file) ?? []) follow(needed, [...above, file]);
      done.add(file);
    };
    for (const file of needs.keys()) follow(file, []);
    expect(circles).toEqual([]);
  });

  it('imports vscode in the extension and its editor tests only', () => {
    expect(
      breaches(({ file, imports }) =>
        /^apps\/extension\/|^test\/editor\//.test(file) ? [] : imports.filter((name) => name === 'vscode'),
      ),
    ).toEqual([]);
  });

  it('runs the n-gram model of the extension in a worker, or in its one stand-in', () => {
    const extension = production.filter(({ file }) => file.startsWith('apps/extension/'));
    const knowIt = extension.filter(({ imports }) => imports.includes('@ghostline/ngram-model'));
    const elsewhere = knowIt.filter(({ file }) => !file.startsWith('apps/extension/src/local-model/'));
    expect(elsewhere.map(({ file }) => file)).toEqual([]);
    const runIt = knowIt.filter(({ text }) => /\banswerTask\b/.test(text)).map(({ file }) => path.basename(file));
    expect(runIt.toSorted()).toEqual(['in-place.ts', 'thread-entry.ts', 'web-worker-entry.ts']);
  });

  it('uses Node in the extension only where the desktop’s bundle goes alone', () => {
    const useNode = production.filter(
      ({ file, imports }) => file.startsWith('apps/extension/') && imports.some((name) => name.startsWith('node:')),
    );
    expect(useNode.map(({ file }) => path.basename(file)).toSorted()).toEqual(['thread-entry.ts', 'thread.ts']);
  });

  it('uses web-standard interfaces only where a browser runs the code too', () => {
    const web = production.filter(({ folder }) => WEB_STANDARD.has(folder));
    expect(
      web.flatMap(({ file, imports }) =>
        imports.filter((name) => name.startsWith('node:')).map((name) => `${file}: ${name}`),
      ),
    ).toEqual([]);
  });

  it('reads the environment in config.ts files, and in environment.ts of the server’s, only', () => {
    expect(
      production
        .filter(
          ({ file, text }) =>
            /process\.env|import\.meta\.env/.test(text) && !/\/config(?:\.ts|\/environment\.ts)$/.test(file),
        )
        .map(({ file }) => file),
    ).toEqual([]);
  });

  it('opens Redis and ClickHouse clients where the server is composed, and where the analytics process is looked after', () => {
    const opens = production.filter(({ text }) => /\bnew (?:Redis|Cluster)\(|\bcreateClient\(/.test(text));
    expect(opens.map(({ file }) => file).toSorted()).toEqual([
      'apps/server/src/analytics/supervisor.ts',
      'apps/server/src/compose/analytics.ts',
      'apps/server/src/compose/redis.ts',
    ]);
  });

  it('composes the server in main.ts alone: nothing else knows how its parts are made', () => {
    expect(
      breaches(({ file, imports }) =>
        /^apps\/server\/src\/(?:main\.ts$|compose\/)/.test(file)
          ? []
          : imports.filter((name) => file.startsWith('apps/server/') && name.includes('/compose/')),
      ),
    ).toEqual([]);
  });

  it('listens in the web server, in the analytics process, and where the doctor tries a port', () => {
    const listens = production.filter(({ text }) => /\.listen\(|\bcreate(?:Secure|Adaptor)?Server\(/.test(text));
    expect(listens.map(({ file }) => file).toSorted()).toEqual([
      'apps/server/src/analytics/analytics.ts',
      'apps/server/src/compose/listen.ts',
      'apps/server/src/connections/web-server.ts',
      'apps/server/src/doctor/check-listening.ts',
    ]);
  });

  it('keeps the gateway from reading analytics', () => {
    const gateway = production.filter(({ file }) => file.startsWith('apps/server/src/gateway/'));
    expect(gateway.length).toBeGreaterThan(0);
    expect(gateway.filter(({ text }) => /AnalyticsStore|@clickhouse/.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it('holds something to every contract, and tells of each in docs/architecture.md', () => {
    const contracts = sources.filter(({ file }) => file.endsWith('/testing/contracts.ts'));
    const names = contracts.flatMap(({ text }) => [...text.matchAll(/\bdescribe\w+/g)].map(([name]) => name));
    expect(names.length).toBeGreaterThan(7);
    const documented = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8');
    const tests = sources.filter(({ file }) => file.endsWith('.test.ts'));
    for (const name of names) {
      expect(documented, name).toContain(`\`${name}\``);
      const runs = tests.reduce((sum, { text }) => sum + text.split(`${name}(`).length - 1, 0);
      expect(runs, `implementations held to ${name}`).toBeGreaterThan(1);
    }
  });

  it('imports /testing entries from tests only', () => {
    expect(
      production.flatMap(({ file, imports }) =>
        imports.filter((name) => /\/testing(?:\/|$)/.test(name)).map((name) => `${file}: ${name}`),
      ),
    ).toEqual([]);
  });
});
