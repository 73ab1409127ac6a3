import { chmod } from 'node:fs/promises';
import { build } from 'esbuild';

const outfile = 'dist/main.js';

await build({
  entryPoints: ['src/main.ts'],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: '#!/usr/bin/env node' },
  sourcemap: 'linked',
  logLevel: 'info',
});
await chmod(outfile, 0o755);
