import process from 'node:process';
import { openEventLog } from '../event-log.ts';
import { eventRecord } from './records.ts';

// A child process for tests: appends batches of events as fast as the disk takes them and prints the numbers of a batch
// once it is acknowledged, until it is killed or an append is refused. Arguments: the file, the first number.
const [path, first] = process.argv.slice(2);
if (!path) throw new Error('usage: append-until-killed.ts FILE [FIRST]');
const log = await openEventLog({ path });
process.stdout.write('open\n');

let next = Number(first ?? 0);

async function appendForEver(size: number) {
  for (;;) {
    const numbers = Array.from({ length: size }, () => next++);
    await log.append(numbers.map((n) => eventRecord({ n, at: 1_700_000_000_000 + n })));
    process.stdout.write(`${numbers.join(' ')}\n`);
  }
}

try {
  await Promise.all([1, 3, 20].map(appendForEver));
} catch (error) {
  const { failure } = log.state();
  const again = await log.append([eventRecord({ n: next, at: 0 })]).then(
    () => 'taken',
    () => 'refused',
  );
  const readable = (await log.read(10)).length;
  process.stdout.write(`${JSON.stringify({ error: String(error), failure, again, readable })}\n`);
  await log.close();
}
