import type { Keystroke } from '@ghostline/client';
import { type Inspector, mountInspector } from '@ghostline/inspector/view';
import { useEffect, useRef } from 'react';
import { version } from '../../package.json';
import { ArrowIcon } from '../frame/icons.tsx';

const NONE: readonly Keystroke[] = [];

/** What the last keystrokes came to, and why: the inspector of the editor extension. */
export function InspectorPanel({
  keystrokes = NONE,
  manualKey,
}: {
  keystrokes: typeof NONE | undefined;
  manualKey: string;
}) {
  const container = useRef<HTMLDivElement>(null);
  const inspector = useRef<Inspector>(undefined);

  useEffect(() => {
    const mounted = mountInspector(container.current!, {
      client: { name: 'playground', version },
      // As all times and numbers of these pages.
      locale: 'en-GB',
      manualKey,
      hasSettings: false,
    });
    inspector.current = mounted;
    return () => mounted.dispose();
  }, [manualKey]);
  useEffect(() => inspector.current?.show(keystrokes), [keystrokes]);

  return (
    <aside className="why" aria-labelledby="why-title">
      <header>
        <h2 id="why-title">Why this suggestion?</h2>
        <a href="/admin/">
          What is counted <ArrowIcon />
        </a>
      </header>
      <div ref={container} className="why-inspector" data-testid="inspector" />
    </aside>
  );
}
