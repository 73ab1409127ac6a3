import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export type WorkerName = 'ngram' | 'event-log' | 'tiktoken';

/** Where this program is, and what lies beside it. */
export interface Installation {
  readonly version: string;
  /** What Node is given to start another process of this program. */
  readonly program: string;
  /** The dashboard and the playground, built. */
  readonly pages: string;
  /** The extension, packed. */
  readonly vsix: string;
  /** The file of a worker when bundled; run from source, packages find their own. */
  worker(name: WorkerName): { readonly workerUrl?: URL };
}

/** `program` is the entry file, in `src` or in `dist`. */
export function installationAt(program: string): Installation {
  const here = path.dirname(program);
  const { version } = JSON.parse(readFileSync(path.join(here, '../package.json'), 'utf8')) as { version: string };
  const bundled = !program.endsWith('.ts');
  return {
    version,
    program,
    pages: path.join(here, '../../dashboard/dist'),
    vsix: path.join(here, '../../extension/dist/ghostline.vsix'),
    worker: (name) => (bundled ? { workerUrl: pathToFileURL(path.join(here, 'workers', `${name}.js`)) } : {}),
  };
}
