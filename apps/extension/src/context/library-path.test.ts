import { describe, expect, it } from 'vitest';
import { libraryPath } from './library-path.ts';

describe('the path of a library’s file', () => {
  it.each([
    ['/home/me/app/node_modules/hono/dist/hono.d.ts', 'node_modules/hono/dist/hono.d.ts'],
    ['/a/node_modules/.pnpm/x@1/node_modules/x/index.js', 'node_modules/x/index.js'],
    ['/usr/lib/python3/dist-packages/requests/api.py', 'dist-packages/requests/api.py'],
    ['/home/me/go/pkg/mod/example.com/db@v1/db.go', 'pkg/mod/example.com/db@v1/db.go'],
    ['/home/me/app/src/index.ts', undefined],
    ['/home/me/my_node_modules/a.ts', undefined],
  ])('%s: %s', (path, library) => {
    expect(libraryPath(path)).toBe(library);
  });
});
