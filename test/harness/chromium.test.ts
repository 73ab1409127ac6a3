import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { findChromium } from './chromium.ts';

describe('the browser', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'chromium-'));
  const executable = path.join(folder, 'chromium-browser');
  writeFileSync(executable, '', { mode: 0o755 });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is the one GHOSTLINE_CHROMIUM names, else the first known one on the PATH', () => {
    expect(findChromium({ GHOSTLINE_CHROMIUM: executable, PATH: '' })).toBe(executable);
    expect(findChromium({ PATH: `/nowhere${path.delimiter}${folder}` })).toBe(executable);
  });

  it('is missed with the command that installs it', () => {
    expect(() => findChromium({ PATH: '/nowhere' })).toThrow('sudo apt-get install -y chromium');
    expect(() => findChromium({ GHOSTLINE_CHROMIUM: '/nowhere/chrome' })).toThrow(
      'GHOSTLINE_CHROMIUM is /nowhere/chrome',
    );
  });
});
