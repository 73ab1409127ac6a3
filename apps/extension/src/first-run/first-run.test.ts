import { describe, expect, it } from 'vitest';
import { type FirstRunOptions, firstRun } from './first-run.ts';

const DEFAULT = 'http://127.0.0.1:4700';

async function run(
  change: Partial<FirstRunOptions> & { found?: string; wasConnected?: boolean; answers?: boolean } = {},
) {
  const told: string[] = [];
  await firstRun(
    {
      milestones: { has: () => change.wasConnected ?? false, reached: (milestone) => told.push(milestone) },
      serverUrl: () => DEFAULT,
      isServerChosen: () => false,
      canLook: true,
      find: async () => {
        told.push('looked');
        return change.found;
      },
      check: async () => {
        told.push('checked');
        if (change.answers === false) throw new Error('unreachable');
      },
      onFound: (url) => told.push(`offered ${url}`),
      ...change,
    },
    new AbortController().signal,
  );
  return told;
}

describe('a first run', () => {
  it('is connected when the server is where it is looked for by default', async () => {
    expect(await run({ found: DEFAULT })).toEqual(['looked', 'isConnected']);
  });

  it('offers one that is elsewhere on this machine, and sets nothing', async () => {
    expect(await run({ found: 'http://127.0.0.1:4701' })).toEqual(['looked', 'offered http://127.0.0.1:4701']);
  });

  it('is quiet when there is none', async () => {
    expect(await run({})).toEqual(['looked']);
  });

  it('looks for none where somebody has chosen one, also meanwhile', async () => {
    expect(await run({ isServerChosen: () => true, found: DEFAULT })).toEqual(['checked', 'isConnected']);
    expect(await run({ isServerChosen: () => true, answers: false })).toEqual(['checked']);
    let asked = 0;
    expect(await run({ isServerChosen: () => asked++ > 0, found: 'http://127.0.0.1:4701' })).toEqual(['looked']);
  });

  it('looks for none from a page that may not', async () => {
    expect(await run({ canLook: false })).toEqual(['checked', 'isConnected']);
  });

  it('is over once somebody has been connected', async () => {
    expect(await run({ wasConnected: true, found: DEFAULT })).toEqual([]);
  });
});
