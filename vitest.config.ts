import { defineConfig } from 'vitest/config';

/** One file for all vitest projects; the parts of `npm test` pick theirs with `--project`. */
export default defineConfig({
  test: {
    // chDB crashes at exit in worker threads, and worker_threads of our own are closer to production in a process.
    pool: 'forks',
    // A failing assertion about time out of order is a bug; never retried.
    retry: 0,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['{apps,packages,scripts}/**/*.test.{ts,tsx}'], testTimeout: 10_000 },
      },
      { extends: true, test: { name: 'boundaries', include: ['test/{architecture,documentation}.test.ts'] } },
      {
        extends: true,
        // Real servers and processes on two cores: one file after the other.
        test: {
          name: 'integration',
          include: ['test/{integration,harness}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
