import { describe, expect, it } from 'vitest';
import { type FlightOutput, type FlightReader, createSingleFlight } from './single-flight.ts';

interface Attempt {
  readonly output: FlightOutput<string, string>;
  readonly abort: AbortController;
}

class Refused extends Error {}

function harness() {
  const attempts: Attempt[] = [];
  const flights = createSingleFlight<string, string>((error) => error instanceof Refused);
  const join = (key: string | null = 'key', signal = new AbortController().signal) =>
    flights.join(key ?? undefined, signal, (output, abort) => attempts.push({ output, abort }));
  return { attempts, flights, join };
}

async function drain(reader: FlightReader<string, string>): Promise<string> {
  let text = '';
  for (;;) {
    const item = reader.read();
    if (item !== undefined) text += item;
    else if (!(await reader.wait())) return text;
  }
}

describe('single flight', () => {
  it('does identical work once, and gives each the whole of it from the start', async () => {
    const { attempts, join } = harness();
    const first = join();
    attempts[0]!.output.push('a');
    expect(first.read()).toBe('a');
    attempts[0]!.output.push('b');
    const second = join();
    const texts = Promise.all([drain(first), drain(second)]);
    attempts[0]!.output.push('c');
    attempts[0]!.output.end();
    expect(await texts).toEqual(['bc', 'abc']);
    expect(attempts).toHaveLength(1);
    expect([first.joined, second.joined]).toEqual([false, true]);
  });

  it('does different work, and work without a name, apart', () => {
    const { attempts, join } = harness();
    join('a');
    join('b');
    join(null);
    join(null);
    expect(attempts).toHaveLength(4);
  });

  it('starts again once a flight is over', () => {
    const { attempts, flights, join } = harness();
    join();
    attempts[0]!.output.end();
    expect(flights.size()).toBe(0);
    expect(join().joined).toBe(false);
  });

  it('goes on while anybody is left, and is aborted by the last to leave', () => {
    const { attempts, flights, join } = harness();
    const [first, second] = [join(), join()];
    first.leave();
    first.leave();
    expect(attempts[0]!.abort.signal.aborted).toBe(false);
    second.leave();
    expect(attempts[0]!.abort.signal.aborted).toBe(true);
    expect(flights.size()).toBe(0);
    attempts[0]!.output.push('late');
    attempts[0]!.output.fail(new Error('late'));
    expect(join().joined).toBe(false);
  });

  it('rejects with the reason of the signal that aborts, and does not disturb the others', async () => {
    const { attempts, join } = harness();
    const abort = new AbortController();
    const leaver = join('key', abort.signal);
    const stayer = join();
    const left = leaver.wait();
    attempts[0]!.output.push('a');
    expect(await left).toBe(true);
    abort.abort(new Error('closed'));
    expect(() => leaver.read()).toThrow('closed');
    await expect(leaver.wait()).rejects.toThrow('closed');
    const text = drain(stayer);
    attempts[0]!.output.push('b');
    attempts[0]!.output.end();
    expect(await text).toBe('ab');
    expect(attempts[0]!.abort.signal.aborted).toBe(false);
  });

  it('wakes a waiting reader that aborts', async () => {
    const { attempts, join } = harness();
    const abort = new AbortController();
    const waiting = join('key', abort.signal).wait();
    abort.abort(new Error('closed'));
    await expect(waiting).rejects.toThrow('closed');
    expect(attempts[0]!.abort.signal.aborted).toBe(true);
  });

  it('does not share a failure with those who came after the attempt began', async () => {
    const { attempts, join } = harness();
    const first = drain(join());
    const second = drain(join());
    attempts[0]!.output.fail(new Refused('429'));
    await expect(first).rejects.toThrow('429');
    expect(attempts).toHaveLength(2);
    const third = drain(join());
    attempts[1]!.output.fail(new Refused('again'));
    await expect(second).rejects.toThrow('again');
    attempts[0]!.output.push('stale');
    attempts[2]!.output.push('answer');
    attempts[2]!.output.end();
    expect(await third).toBe('answer');
    expect(attempts).toHaveLength(3);
  });

  it('shares a failure that no second attempt could avoid', async () => {
    const { attempts, join } = harness();
    const both = [drain(join()), drain(join())];
    attempts[0]!.output.fail(new Error('400'));
    for (const each of both) await expect(each).rejects.toThrow('400');
    expect(attempts).toHaveLength(1);
  });

  it('delivers what came before a failure, and does not start over after it', async () => {
    const { attempts, join } = harness();
    const readers = [join(), join()];
    attempts[0]!.output.push('a');
    attempts[0]!.output.fail(new Refused('broken'));
    for (const reader of readers) {
      expect(reader.read()).toBe('a');
      await expect(reader.wait()).rejects.toThrow('broken');
    }
    expect(attempts).toHaveLength(1);
    expect(join().joined).toBe(false);
  });
});

describe('the bill of a flight', () => {
  it('is for the first of those who are there at its end, whoever began it', () => {
    const { attempts, join } = harness();
    const [first, second, third] = [join(), join(), join()];
    attempts[0]!.output.charge('a prompt');
    attempts[0]!.output.push('a');
    expect(first.leave()).toBeUndefined();
    attempts[0]!.output.end();
    expect(third.leave()).toBeUndefined();
    expect(second.leave()).toBe('a prompt');
  });

  it('is for the last who leaves before the end, also by an abort, and also before the first item', () => {
    const { attempts, join } = harness();
    const abort = new AbortController();
    const [first, second] = [join(), join('key', abort.signal)];
    attempts[0]!.output.charge('a prompt');
    expect(first.leave()).toBeUndefined();
    abort.abort();
    expect(second.leave()).toBe('a prompt');
  });

  it('is nobody’s when nothing was charged, or when it failed before its first item', () => {
    const { attempts, join } = harness();
    const known = join();
    attempts[0]!.output.push('from a cache');
    attempts[0]!.output.end();
    expect(known.leave()).toBeUndefined();
    const refused = join();
    attempts[1]!.output.charge('a prompt');
    attempts[1]!.output.fail(new Error('no connection'));
    expect(refused.leave()).toBeUndefined();
    const broken = join();
    attempts[2]!.output.charge('a prompt');
    attempts[2]!.output.push('a');
    attempts[2]!.output.fail(new Error('broken off'));
    expect(broken.leave()).toBe('a prompt');
  });

  it('is that of the second attempt for those who waited for it', () => {
    const { attempts, join } = harness();
    const first = join();
    attempts[0]!.output.charge('first');
    const second = join();
    attempts[0]!.output.fail(new Refused());
    expect(attempts).toHaveLength(2);
    attempts[1]!.output.charge('second');
    attempts[1]!.output.end();
    expect([first.leave(), second.leave()]).toEqual([undefined, 'second']);
  });
});
