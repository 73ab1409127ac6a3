/** What one check found. `fix` says what to do about it, in one sentence. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'failure';
  readonly detail: string;
  readonly fix?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, level: 'ok', detail });
export const warning = (check: string, detail: string, fix: string): Finding => ({
  check,
  level: 'warning',
  detail,
  fix,
});
export const failure = (check: string, detail: string, fix: string): Finding => ({
  check,
  level: 'failure',
  detail,
  fix,
});

const MARKS = { ok: '✓', warning: '!', failure: '✗' } as const;

/** One line per finding, and what to do under it. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, level, detail, fix }) => {
    const indent = ' '.repeat(width + 4);
    const [first, ...more] = detail.split('\n');
    const rest = [...more, ...(fix === undefined ? [] : [`→ ${fix}`])].map((line) => `\n${indent}${line}`);
    return `${MARKS[level]} ${check.padEnd(width)}  ${first}${rest.join('')}`;
  });
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const [failures, warnings] = [count('failure'), count('warning')];
  const summary =
    failures > 0
      ? `${failures} of ${findings.length} checks failed.`
      : warnings > 0
        ? `It works; ${warnings} of ${findings.length} checks have something to say.`
        : 'All is well.';
  return `${lines.join('\n')}\n\n${summary}\n`;
}

/** 1 when something does not work; what could be better is no failure. */
export function exitCodeOf(findings: readonly Finding[]): number {
  return findings.some(({ level }) => level === 'failure') ? 1 : 0;
}
