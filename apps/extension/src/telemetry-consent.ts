import type { Outbox } from '@ghostline/client';
import type { Disposable } from 'vscode';

/** Somebody who has a say in telemetry: the editor, and our own setting. */
export interface ConsentSource {
  allows(): boolean;
  onDidChange(listener: () => void): Disposable;
}

export interface ConsentedOutboxOptions {
  /** All of them have to allow it. */
  readonly sources: readonly ConsentSource[];
  /** Opens the real outbox, which sends what an earlier session has left. */
  readonly open: () => Outbox;
  /** Deletes whatever an outbox has stored. */
  readonly clear: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * An outbox that exists only while there is consent: without it nothing is recorded and nothing is sent, and what was
 * waiting, also from an earlier session, is deleted.
 */
export function createConsentedOutbox({ sources, open, clear, onError }: ConsentedOutboxOptions): Outbox {
  const isGranted = () => sources.every((source) => source.allows());
  let outbox: Outbox | undefined;
  // One change after the other: an outbox opened while its folder is being emptied would lose events.
  let settled = Promise.resolve();

  let followed: boolean | undefined;

  async function follow(): Promise<void> {
    const granted = isGranted();
    if (granted === followed) return;
    followed = granted;
    if (granted) {
      outbox = open();
      return;
    }
    const closing = outbox;
    outbox = undefined;
    await closing?.dispose();
    await clear();
  }
  const onChange = () => {
    settled = settled.then(follow).catch(onError);
  };
  const subscriptions = sources.map((source) => source.onDidChange(onChange));
  onChange();

  return {
    record(event) {
      if (isGranted()) outbox?.record(event);
    },
    async flush() {
      await settled;
      await outbox?.flush();
    },
    async dispose() {
      subscriptions.forEach((subscription) => void subscription.dispose());
      await settled;
      await outbox?.dispose();
    },
  };
}
