import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '@ghostline/protocol';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { AppEnv } from '../http/app-env.ts';

/**
 * Scripts and connections of this server only. Monaco, Plot and Swagger UI set styles from scripts and carry small images as
 * data URLs; Monaco starts its workers from blobs.
 */
const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'self'"],
    styleSrc: ["'self'", "'unsafe-inline'"],
    imgSrc: ["'self'", 'data:'],
    fontSrc: ["'self'", 'data:'],
    workerSrc: ["'self'", 'blob:'],
    frameAncestors: ["'none'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
  },
  // Served over plain HTTP on loopback: promising HTTPS would break the page for other programs on this host.
  strictTransportSecurity: false,
});

/** The dashboard and the playground, as `apps/dashboard` built them into `folder`. */
export function pageRoutes(folder: string): Hono<AppEnv> {
  const files = serveStatic<AppEnv>({ root: folder });
  return new Hono<AppEnv>()
    .get('/', (c) => c.redirect('/admin/'))
    .get('/admin', (c) => c.redirect('/admin/'))
    .get('/playground', (c) => c.redirect('/playground/'))
    .use('/assets/*', async (c, next) => {
      await next();
      // Their names carry a hash of their content.
      if (c.res.ok) c.res.headers.set('cache-control', 'public, max-age=31536000, immutable');
    })
    .get('/assets/*', pageHeaders, files)
    .get('/admin/*', pageHeaders, files)
    .get('/playground/*', pageHeaders, files);
}

const DOCS_PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Ghostline API</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;
const DOCS_SCRIPT = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', deepLinking: true, validatorUrl: null });\n`;

/** The interface described: `/openapi.json`, and readable at `/docs`. */
export function docsRoutes(version: string): Hono<AppEnv> {
  const document = Buffer.from(JSON.stringify(openApiDocument(version)));
  const swagger = path.dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));
  // Read once for all: anybody may ask for them, and each who takes them slowly would keep megabytes.
  const read = new Map<string, Promise<Buffer<ArrayBuffer>>>();
  const bytesOf = (file: string) => {
    const bytes = read.get(file) ?? readFile(path.join(swagger, file));
    read.set(file, bytes);
    return bytes.catch((error: unknown) => {
      read.delete(file);
      throw error;
    });
  };
  const asset = (file: string, type: string) => async (c: Context<AppEnv>) =>
    c.body(await bytesOf(file), 200, { 'content-type': type });
  return new Hono<AppEnv>()
    .get('/openapi.json', (c) => c.body(document, 200, { 'content-type': 'application/json' }))
    .get('/docs', pageHeaders, (c) => c.html(DOCS_PAGE))
    .get('/docs/start.js', (c) => c.body(DOCS_SCRIPT, 200, { 'content-type': 'text/javascript' }))
    .get('/docs/swagger-ui-bundle.js', asset('swagger-ui-bundle.js', 'text/javascript'))
    .get('/docs/swagger-ui.css', asset('swagger-ui.css', 'text/css'));
}
