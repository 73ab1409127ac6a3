/** `pnpm l10n`: writes down what is to be translated, and says what the translations lack. */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { BUNDLE, readJson, saidToUsers } from './l10n-strings.ts';

const report = (line: string) => void process.stdout.write(`${line}\n`);
const { strings } = saidToUsers();
writeFileSync(BUNDLE, `${JSON.stringify(Object.fromEntries(strings.map((text) => [text, text])), undefined, 2)}\n`);
report(`${strings.length} strings`);
for (const name of readdirSync(path.dirname(BUNDLE)).filter((file) => file !== path.basename(BUNDLE))) {
  const translated = readJson(`l10n/${name}`);
  for (const text of strings) if (!Object.hasOwn(translated, text)) report(`${name} lacks ${JSON.stringify(text)}`);
  for (const text of Object.keys(translated)) {
    if (!strings.includes(text)) report(`${name} has ${JSON.stringify(text)}, which nobody says`);
  }
}
