import { type Finding, failure, ok, warning } from './finding.ts';

const NODE_MAJOR = 24;
/** Two sockets per streamed completion, for two thousand of them, and the files of everything else. */
const ENOUGH_FILES = 4_096;

export function checkNode(version: string): Finding {
  const major = Number(/^v(\d+)/.exec(version)?.[1]);
  if (major >= NODE_MAJOR) return ok('Node', version);
  return failure('Node', version, `Install Node ${NODE_MAJOR} or newer: npm i -g node@${NODE_MAJOR}.`);
}

/** `soft` as in `ulimit -n`; undefined where the system does not say. */
export function checkOpenFiles(soft: number | undefined): Finding {
  if (soft === undefined) return ok('open files', 'this system sets no limit that can be read');
  if (soft >= ENOUGH_FILES) return ok('open files', `up to ${soft}`);
  return warning(
    'open files',
    `up to ${soft}, and each streamed completion takes two`,
    `Raise it: ulimit -n 65536 in a shell, LimitNOFILE=65536 for systemd.`,
  );
}

/** The soft limit of open files, which Node tells in its diagnostic report only. */
export function openFilesLimit(report: unknown): number | undefined {
  const limits = (report as { userLimits?: { open_files?: { soft?: unknown } } }).userLimits;
  const soft = limits?.open_files?.soft;
  return typeof soft === 'number' ? soft : undefined;
}

/** More than this, and tokens with a start and an end are refused, and events are dated wrongly. */
const CLOCK_TOLERANCE_MS = 5_000;

/** `others`: how far ahead of ours the clocks of others are, in milliseconds. */
export function checkClock(others: readonly { readonly whose: string; readonly aheadMs: number }[]): Finding {
  const off = others.filter(({ aheadMs }) => Math.abs(aheadMs) > CLOCK_TOLERANCE_MS);
  if (off.length === 0)
    return ok(
      'clock',
      others.length === 0 ? 'nobody to compare it with' : `agrees with ${others.map(({ whose }) => whose).join(', ')}`,
    );
  const list = off.map(
    ({ whose, aheadMs }) => `${whose} is ${describeSpan(aheadMs)} ${aheadMs > 0 ? 'ahead' : 'behind'}`,
  );
  return warning('clock', list.join('; '), 'Let NTP set the clocks of all machines (timedatectl set-ntp true).');
}

function describeSpan(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
