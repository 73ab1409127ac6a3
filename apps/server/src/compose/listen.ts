import type { Server } from 'node:net';
import { ConfigError } from '../config/index.ts';

/** Starts listening; resolves with the URL to open. A taken port is the operator's to solve, with the command for it. */
export function listen(
  { server, scheme }: { readonly server: Server; readonly scheme: string },
  { host, port }: { host: string; port: number },
): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const fix: Record<string, string> = {
        EADDRINUSE: `Port ${port} on ${host} is already taken. Stop what uses it, or choose another one: npm start -- --port ${port + 1}`,
        EACCES: `Port ${port} on ${host} may not be opened by this user; choose one above 1023: npm start -- --port 4700`,
        EADDRNOTAVAIL: `listen.host: ${host} is not an address of this machine`,
      };
      reject(new ConfigError(fix[error.code ?? ''] ?? `Cannot listen on ${host}:${port}: ${error.message}`));
    });
    server.listen(port, host, () => {
      const address = server.address();
      const bound = typeof address === 'object' && address ? address.port : port;
      resolve(`${scheme}://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? '127.0.0.1' : host}:${bound}`);
    });
  });
}
