import process from 'node:process';
import { build, context } from 'esbuild';

/**
 * Two bundles from the same sources. CommonJS, as the web extension host loads nothing else; that is also why the
 * manifest has no `"type": "module"` (VS Code would then import the bundles as ES modules) and `src` says it for itself.
 */
const shared = {
  entryPoints: ['src/extension.ts'],
  bundle: true,
  format: 'cjs',
  external: ['vscode'],
  sourcemap: 'linked',
  logLevel: 'warning',
};
const bundles = [
  // VS Code 1.105, our floor, runs extensions on Node 22.
  { ...shared, platform: 'node', target: 'node22', outfile: 'dist/extension.js' },
  { ...shared, platform: 'browser', target: 'es2024', outfile: 'dist/web/extension.js' },
];

if (process.argv.includes('--watch')) {
  for (const options of bundles) await (await context({ ...options, logLevel: 'info' })).watch();
} else {
  await Promise.all(bundles.map((options) => build(options)));
}
