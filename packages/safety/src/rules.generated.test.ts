import { expect, it } from 'vitest';
import { deriveRules } from './testing/derive-rules.ts';

it('has the rules of the installed preset: run this test with -u after an update', async () => {
  await expect(deriveRules()).toMatchFileSnapshot('./rules.generated.ts');
});
