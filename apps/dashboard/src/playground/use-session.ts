import { type RefObject, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { apiKey, useApiKey } from '../api/api-key.ts';
import { themeOnScreen, useTheme } from '../theme/theme.ts';
import { SAMPLES } from './samples.ts';
import type { Session, SessionView } from './session.ts';

/** The session in `container`, once the editor has been loaded; `failed` when it could not be. */
export function useSession(container: RefObject<HTMLElement | null>) {
  const [session, setSession] = useState<Session | 'failed'>();
  const theme = useTheme();
  const key = useApiKey();
  const keyAtStart = useRef(key);

  useEffect(() => {
    let started: Session | undefined;
    let left = false;
    const start = async () => {
      const { startSession } = await import('./session.ts');
      if (left) return;
      started = startSession({ container: container.current!, samples: SAMPLES, theme: themeOnScreen(), apiKey });
      setSession(started);
    };
    start().catch(() => setSession('failed'));
    return () => {
      left = true;
      started?.dispose();
      setSession(undefined);
    };
  }, [container]);

  const live = session === 'failed' ? undefined : session;
  useEffect(() => live?.setTheme(theme), [live, theme]);
  useEffect(() => {
    if (key !== keyAtStart.current) live?.retry();
    keyAtStart.current = key;
  }, [live, key]);
  return { session: live, view: useView(live), failed: session === 'failed' };
}

function useView(session: Session | undefined): SessionView | undefined {
  return useSyncExternalStore(session?.subscribe ?? subscribeToNothing, session?.view ?? viewOfNothing);
}

const subscribeToNothing = () => () => {};
const viewOfNothing = () => undefined;
