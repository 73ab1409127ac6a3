import type { BudgetRow, SpendingStop } from '@ghostline/protocol';

/** Whose spending a stop ends, as a person would say it. */
export function whose({ scope, organisation, user }: Pick<SpendingStop, 'scope' | 'organisation' | 'user'>): string {
  if (scope === 'everything') return 'everybody';
  return scope === 'organisation' ? `the organisation ${organisation}` : `${user} of ${organisation}`;
}

/** Since when, by whom and until when, in the reader's own time. */
export function since({ since: from, by, who, until }: SpendingStop, timeOf: (at: Date) => string): string {
  const author = by === 'rule' ? 'by a rule' : who === undefined ? 'by hand' : `by ${who}`;
  const end = until === undefined ? 'until somebody resumes it' : `until ${timeOf(new Date(until))}`;
  return `Since ${timeOf(new Date(from))} ${author}, ${end}.`;
}

/** Of a budget: how much of it is gone, from 0 to 1, and whether it will last. */
export function usageOf({ budget, spent, forecast }: Pick<BudgetRow, 'budget' | 'spent' | 'forecast'>): {
  readonly share: number;
  readonly level: 'fine' | 'short' | 'spent';
} {
  if (budget === null) return { share: 0, level: 'fine' };
  if (spent >= budget) return { share: 1, level: 'spent' };
  return { share: spent / budget, level: forecast > budget ? 'short' : 'fine' };
}
