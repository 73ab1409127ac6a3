import { EventEmitter } from 'node:events';
import type { StreamEvent } from '@ghostline/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEventStream } from './event-stream.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A response of which a test decides whether its reader reads. */
class Reader extends EventEmitter {
  readonly writes: string[] = [];
  headers: Record<string, string> | undefined;
  headersSent = false;
  writableEnded = false;
  writableFinished = false;
  writableNeedDrain = false;
  destroyed = false;

  writeHead(_status: number, headers: Record<string, string>) {
    this.headersSent = true;
    this.headers = headers;
  }
  write(text: string) {
    this.writes.push(text);
  }
  end(text: string) {
    this.writableEnded = true;
    this.writes.push(text);
  }
  destroy() {
    this.destroyed = true;
    this.emit('close');
  }
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));
const delta = (text: string): StreamEvent => ({ event: 'delta', data: { index: 0, text } });
const frame = (text: string) => `event: delta\ndata: {"index":0,"text":"${text}"}\n\n`;

describe('an event stream', () => {
  it('commits no status before its first frame, however long that takes', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    vi.advanceTimersByTime(60_000);
    await tick();
    expect([reader.headersSent, reader.writes]).toEqual([false, []]);
    await stream.send(delta('a'));
    await tick();
    expect([reader.headersSent, reader.writes]).toEqual([true, [frame('a')]]);
  });

  it('sends the frames of one tick in one write', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    for (const text of ['a', 'b', 'c']) await stream.send(delta(text));
    await tick();
    await stream.send(delta('d'));
    await tick();
    expect(reader.writes).toEqual([frame('a') + frame('b') + frame('c'), frame('d')]);
  });

  it('that is complete at once is one body with its length', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, { 'x-request-id': 'r' });
    await stream.send(delta('ü'));
    stream.end();
    await tick();
    expect(reader.writes).toEqual([frame('ü')]);
    expect(reader.headers).toMatchObject({
      'x-request-id': 'r',
      'content-length': String(Buffer.byteLength(frame('ü'))),
    });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows proxies that it lives while nothing is said', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    await stream.send(delta('a'));
    await tick();
    vi.advanceTimersByTime(30_000);
    expect(reader.writes.slice(1)).toEqual([': \n\n', ': \n\n']);
    reader.emit('close');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a reader that is slow', () => {
  it('holds back what comes next until it has caught up, as often as it must, and leaves no listener', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    await stream.send(delta('a'));
    await tick();
    const listeners = () => reader.listenerCount('drain') + reader.listenerCount('close');
    const before = listeners();
    for (let times = 0; times < 20; times++) {
      reader.writableNeedDrain = true;
      let caughtUp = false;
      const sent = Promise.resolve(stream.send(delta('b'))).then(() => (caughtUp = true));
      await tick();
      expect(caughtUp).toBe(false);
      reader.writableNeedDrain = false;
      reader.emit('drain');
      await sent;
    }
    expect(listeners()).toBe(before);
  });

  it('is let go of when it takes nothing from one sign of life to the next', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    await stream.send(delta('a'));
    await tick();
    reader.writableNeedDrain = true;
    const sent = Promise.resolve(stream.send(delta('b')));
    vi.advanceTimersByTime(15_000);
    expect(reader.destroyed).toBe(false);
    vi.advanceTimersByTime(15_000);
    expect(reader.destroyed).toBe(true);
    // What was waiting for it goes on, to find that it has gone.
    await sent;
    expect(reader.writes).not.toContain(': \n\n');
  });

  it('is waited for again once it has taken something', async () => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    await stream.send(delta('a'));
    await tick();
    reader.writableNeedDrain = true;
    vi.advanceTimersByTime(15_000);
    reader.writableNeedDrain = false;
    vi.advanceTimersByTime(15_000);
    reader.writableNeedDrain = true;
    vi.advanceTimersByTime(15_000);
    expect(reader.destroyed).toBe(false);
  });
});

describe('a reader that has gone', () => {
  it.each([
    ['HTTP/1.1', { destroyed: true }],
    ['HTTP/2', { stream: { destroyed: true } }],
  ])('of %s is neither written to nor waited for', async (_protocol, gone) => {
    const reader = new Reader();
    const stream = openEventStream(reader, {});
    Object.assign(reader, gone, { writableNeedDrain: true });
    await stream.send(delta('a'));
    await tick();
    expect(reader.writes).toEqual([]);
  });
});
