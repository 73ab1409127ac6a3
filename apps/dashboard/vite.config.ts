import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** A server started with `npm start`, so that `vite` alone serves pages with real data. */
const SERVER = 'http://127.0.0.1:4700';

export default defineConfig({
  plugins: [
    react(),
    {
      // The entry sets the remembered theme: painting before it would flash the other one.
      name: 'paint-after-theme',
      transformIndexHtml: {
        order: 'post',
        handler: (html) => html.replaceAll('<script type="module"', '<script type="module" blocking="render"'),
      },
    },
  ],
  build: {
    // `light-dark()`, `popover` and nested CSS as they are.
    target: ['chrome125', 'firefox128', 'safari18'],
    // `default-src 'self'` of the server allows no data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Monaco's core is one chunk, loaded after the page shows.
    chunkSizeWarningLimit: 4_000,
    rolldownOptions: { input: { admin: 'admin/index.html', playground: 'playground/index.html' } },
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/admin/api', '/readyz', '/docs', '/openapi.json', '/metrics'].map((path) => [path, SERVER]),
    ),
  },
});
