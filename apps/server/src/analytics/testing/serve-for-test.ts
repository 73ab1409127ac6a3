import process from 'node:process';
import { serveAnalytics } from '../child.ts';

// The analytics process as tests start it. Arguments: data directory, token, port.
const [dataDir = '', token = '', port = '0'] = process.argv.slice(2);
await serveAnalytics({ dataDir, token, port: Number(port) }).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
