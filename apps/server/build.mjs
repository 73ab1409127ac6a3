import { build } from 'esbuild';

/**
 * The server as a few files next to each other: the program and the entries of its worker threads. Packages from npm stay
 * outside where they carry native code or files of their own; everything else is bundled.
 */
await build({
  entryPoints: {
    main: 'src/main.ts',
    'workers/ngram': '@ghostline/inference/ngram-worker',
    'workers/tiktoken': '@ghostline/inference/tiktoken-worker',
    'workers/event-log': '@ghostline/telemetry/event-log-worker',
  },
  outdir: 'dist',
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: true,
  external: ['chdb', 'chdb/*', 'tiktoken', 'tiktoken/*', 'swagger-ui-dist', 'pino'],
  // CommonJS dependencies inside an ES module call require() for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
