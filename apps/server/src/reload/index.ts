export type { Live } from './live.ts';
export { type LivePart, type ReloadStatus, type Reloader, createReloader } from './reload.ts';
export { reportReload } from './report.ts';
export { watchFile } from './watch-file.ts';
