import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startChild } from './child-process.ts';
import { repository } from './repository.ts';

const EXTENSION = path.join(repository, 'apps', 'extension');
/** What decides about the package's content; `dist` is built. */
const FILES = [
  '.vscodeignore',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist',
  'l10n',
  'media',
  'package.nls.de.json',
  'package.nls.json',
];

/**
 * The extension without its bundle for Node, packaged into `scratch`: a workbench with a server takes that one where it
 * finds it, and only without it runs the extension in the browser, as vscode.dev does. `without` are files of the web
 * bundle to leave out. Returns the path of the VSIX.
 */
export async function packWebOnly(scratch: string, without: readonly string[] = []): Promise<string> {
  const folder = path.join(scratch, 'web-only');
  await mkdir(folder, { recursive: true });
  for (const file of FILES) await cp(path.join(EXTENSION, file), path.join(folder, file), { recursive: true });
  for (const file of without) await rm(path.join(folder, 'dist', 'web', file));
  const {
    main: _main,
    extensionKind: _kind,
    scripts: _scripts,
    dependencies: _own,
    devDependencies: _dev,
    ...manifest
  } = JSON.parse(await readFile(path.join(EXTENSION, 'package.json'), 'utf8'));
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest));
  const vsix = path.join(scratch, 'web-only.vsix');
  const vsce = path.join(EXTENSION, 'node_modules', '.bin', 'vsce');
  const args = ['package', '--no-dependencies', '--allow-missing-repository', '--out', vsix];
  const child = await startChild(vsce, args, { cwd: folder, env: process.env });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`The extension could not be packaged for the web:\n${child.output()}`);
  return vsix;
}
