import type { CompletionEvent, MeasuredEngine } from '@ghostline/engine';
import type { CacheOutcome, CompletionRequest, Snippet } from '@ghostline/protocol';
import type { SimulatedClock } from './clock.ts';
import { type Situations, say } from './oracle.ts';
import { type Random, fixed } from './random.ts';
import { type Insertion, type Repository, type Target, definitionOf, fileIn, placeIn, targetIn } from './repository.ts';

/** What a prompt shows of the file. */
const LINES_ABOVE = 60;
const LINES_BELOW = 30;

/** Times in milliseconds: between keys (a fast typist has 120, a slow one 300), before a line, before an accepted one. */
const KEY = { median: 190, spread: 0.45 };
const THINK = { median: 6_000, spread: 1 };
const BREAK = { median: 90_000, spread: 1 };
const LOOK = { median: 450, spread: 0.4 };
/** Whoever types on before this has asked for nothing. */
const DEBOUNCE_MS = 75;
/** So many keys long a client waits for what it has asked, as it may fit them, before it asks again. */
const WAITS_FOR_KEYS = 3;

/** Shares of what happens, of the occasions for it. */
const SHARE = {
  /** A suggestion that is right and more than a word is taken. */
  accept: 0.7,
  /** A line is taken back and written once more, as it was or differently. */
  undo: 0.12,
  undoToAnother: 0.4,
  /** Of requests: the window is loaded again, or another computer used, at the same place; the client has forgotten all. */
  reload: 0.01,
  /** All that was written at a visit is taken back, and written once more: another branch and back, or a second thought. */
  rewrite: 0.08,
  /** The next place is where a teammate has just merged something. */
  followTeammate: 0.3,
  otherRepository: 0.1,
  otherGateway: 0.1,
  pull: 0.35,
  push: 0.4,
  changeSignature: 0.15,
  /** The definition of what is called is open, or was looked up, and part of the prompt. */
  definitionShown: 0.5,
} as const;

export interface Answered {
  readonly cache: CacheOutcome;
  readonly text: string;
  /** What the model would say at this moment. */
  readonly now: string;
  /** What the developer is going to write. */
  readonly wanted: string;
  /** When the answer was made. */
  readonly madeAt: number;
  readonly at: number;
  readonly promptChars: number;
}

export interface Office {
  readonly clock: SimulatedClock;
  readonly gateways: readonly Pick<MeasuredEngine, 'complete'>[];
  readonly repositories: readonly Repository[];
  readonly situations: Situations;
  /** Whether clients remember what they were told, and show on what is typed into; others ask at every key. */
  readonly clientsRemember: boolean;
  /** When everybody goes home. */
  readonly until: number;
  readonly note: (answered: Answered | 'cancelled') => void;
}

interface WorkingCopy {
  files: string[][];
  versions: number[];
  /** Not merged yet. */
  own: Insertion[];
}

/** One developer's day: visits files, writes lines, takes some back, reads what others merged; a client asks meanwhile. */
export async function work(user: string, home: number, random: Random, office: Office): Promise<void> {
  const { clock, gateways, repositories, until, clientsRemember } = office;
  const copies = repositories.map((repository) => pulled(repository));
  /** Load balancers keep a connection where it is. */
  const replica = random.below(gateways.length);
  let session = 0;
  /** As the client has it: cleared with the session. */
  let known = new Map<string, string>();
  let serial = 0;

  await clock.wait(random.next() * BREAK.median);
  while (clock.now() < until) {
    const index = random.chance(SHARE.otherRepository) ? random.below(repositories.length) : home;
    const repository = repositories[index]!;
    const copy = copies[index]!;
    const gateway = gateways[(random.chance(SHARE.otherGateway) ? replica + 1 : replica) % gateways.length]!;
    const teammate = repository.recent[random.below(repository.recent.length)];
    const follows = teammate !== undefined && random.chance(SHARE.followTeammate);
    // Whoever goes to see what was merged has it.
    if (follows || random.chance(SHARE.pull)) pull(repository, copy);
    const file = follows ? teammate.file : fileIn(random);
    let line = follows
      ? Math.min(teammate.line + 1, copy.files[file]!.length)
      : placeIn(file, copy.files[file]!.length, random);
    const from = line;
    const written: { readonly target: Target; readonly own: string }[] = [];
    for (let lines = 2 + random.below(7); lines > 0 && clock.now() < until; lines--) {
      await clock.wait(random.around(THINK.median, THINK.spread));
      const own = `n${user}${(serial += 1)}`;
      let target = targetIn(repository.name, copy.versions, random, own);
      await write({ repository, copy, file, line, target, own, gateway });
      if (random.chance(SHARE.undo)) {
        copy.files[file]!.splice(line, 1);
        if (random.chance(SHARE.undoToAnother)) target = targetIn(repository.name, copy.versions, random, own);
        await clock.wait(random.around(LOOK.median, LOOK.spread));
        await write({ repository, copy, file, line, target, own, gateway });
      }
      copy.own.push({ file, line, text: target.text });
      written.push({ target, own });
      line += 1;
    }
    if (random.chance(SHARE.rewrite)) {
      copy.files[file]!.splice(from, written.length);
      await clock.wait(random.around(BREAK.median, BREAK.spread));
      if (random.chance(0.5)) {
        session += 1;
        known = new Map();
      }
      for (const [index, each] of written.entries())
        await write({ repository, copy, file, line: from + index, gateway, ...each });
    }
    if (random.chance(SHARE.push)) push(repository, copy);
    await clock.wait(random.around(BREAK.median, BREAK.spread));
  }

  /** Types one line, key by key, or takes what is suggested. */
  async function write(at: {
    repository: Repository;
    copy: WorkingCopy;
    file: number;
    line: number;
    target: Target;
    own: string;
    gateway: Pick<MeasuredEngine, 'complete'>;
  }): Promise<void> {
    const { repository, copy, file, line, target, own } = at;
    const lines = copy.files[file]!;
    const before = lines.slice(Math.max(0, line - LINES_ABOVE), line);
    const above = before.map((text) => `${text}\n`).join('');
    const suffix = `\n${lines.slice(line, line + LINES_BELOW).join('\n')}`;
    const path = `${repository.name}/${file}.ts`;
    const isShown = target.symbol !== undefined && fixed(`${path} ${target.symbol}`) < SHARE.definitionShown;
    const shown = isShown ? copy.versions[target.symbol!]! : undefined;
    office.situations.add(path, above, { repository, file, above: before.at(-1) ?? '', target, own, shown });
    const snippets: Snippet[] = isShown
      ? [
          {
            path: `${repository.name}/${target.symbol}.ts`,
            text: definitionOf(repository.name, target.symbol!, shown!),
            source: 'definition',
          },
        ]
      : [];
    let answer: { readonly typed: number; readonly text: string } | undefined;
    let asking: { readonly typed: number; readonly abort: AbortController; readonly done: Promise<void> } | undefined;
    let typed = 0;
    /** What the client shows: the rest of the last answer, as far as it was typed into. */
    const ghost = () => {
      const since = answer ? target.text.slice(answer.typed, typed) : '';
      return answer?.text.startsWith(since) ? answer.text.slice(since.length) : '';
    };
    while (typed < target.text.length) {
      const rest = target.text.slice(typed);
      const gap = random.around(KEY.median, KEY.spread);
      if (ghost() === rest && rest.length > 4 && random.chance(SHARE.accept)) {
        await clock.wait(random.around(LOOK.median, LOOK.spread));
        break;
      }
      await clock.wait(Math.min(gap, DEBOUNCE_MS));
      // One that is under way may still fit what is typed meanwhile.
      const isUnderWay = clientsRemember && asking !== undefined && typed - asking.typed < WAITS_FOR_KEYS;
      if (gap > DEBOUNCE_MS && (ghost() === '' || !clientsRemember) && !isUnderWay) {
        await leave();
        const prefix = above + target.text.slice(0, typed);
        const mine = known.get(`${path}\n${prefix}\n${suffix}`);
        if (mine === undefined) askAt(typed, prefix);
        else answer = { typed, text: mine };
        if (random.chance(SHARE.reload)) {
          await leave();
          session += 1;
          known = new Map();
          await clock.wait(random.around(THINK.median, THINK.spread));
          askAt(typed, prefix);
        }
      }
      await clock.wait(gap - DEBOUNCE_MS);
      typed += 1;
    }
    // What is still asked for is of no use for a line that stands.
    await leave();
    lines.splice(line, 0, target.text);

    async function leave(): Promise<void> {
      asking?.abort.abort(new Error('typed on'));
      await asking?.done;
      asking = undefined;
    }

    function askAt(from: number, prefix: string): void {
      const abort = new AbortController();
      const done = ask(prefix, abort.signal, (text) => {
        answer = { typed: from, text };
        asking = undefined;
      });
      asking = { typed: from, abort, done };
    }

    async function ask(prefix: string, signal: AbortSignal, take: (text: string) => void): Promise<void> {
      const request: CompletionRequest = {
        prefix,
        suffix,
        path,
        snippets,
        language: 'typescript',
        workspace: repository.name,
        session_id: `${user}-${session}`,
        trigger: 'automatic',
        multiline: 'never',
      };
      let start: Extract<CompletionEvent, { type: 'start' }> | undefined;
      let text = '';
      try {
        for await (const event of at.gateway.complete(request, { org: 'acme', user }, signal)) {
          if (event.type === 'start') start = event;
          else if (event.type === 'delta') text += event.text;
          else if (event.type === 'done') {
            const now = say(office.situations.at(path, prefix), prefix.slice(above.length));
            const promptChars =
              prefix.length + suffix.length + snippets.reduce((sum, each) => sum + each.text.length, 0);
            office.note({
              cache: start!.cache,
              text,
              now,
              wanted: target.text.slice(prefix.length - above.length),
              // The scripted model says its time where others say how long the prompt was.
              madeAt: event.usage.prompt_tokens,
              at: clock.now(),
              promptChars,
            });
          }
        }
        if (text !== '' && clientsRemember) known.set(`${path}\n${prefix}\n${suffix}`, text);
        take(text);
      } catch {
        office.note('cancelled');
      }
    }
  }
}

function pulled(repository: Repository): WorkingCopy {
  return { files: repository.files.map((lines) => [...lines]), versions: [...repository.versions], own: [] };
}

function pull(repository: Repository, copy: WorkingCopy): void {
  const fresh = pulled(repository);
  copy.versions = fresh.versions;
  const edited = new Set(copy.own.map(({ file }) => file));
  copy.files = fresh.files.map((lines, file) => (edited.has(file) ? copy.files[file]! : lines));
}

function push(repository: Repository, copy: WorkingCopy): void {
  const symbol = Math.floor(fixed(copy.own.map(({ text }) => text).join('')) * copy.versions.length);
  const changes = fixed(`${symbol} ${repository.merges.length} ${copy.own.length}`) < SHARE.changeSignature;
  repository.merge(copy.own, changes ? symbol : undefined);
  copy.own = [];
  pull(repository, copy);
}
