import { useRef } from 'react';
import { KeyForm } from '../frame/key-form.tsx';
import { InspectorPanel } from './inspector-panel.tsx';
import { SAMPLES } from './samples.ts';
import { StatusLine } from './status-line.tsx';
import { useSession } from './use-session.ts';

const IS_MAC = navigator.userAgent.includes('Mac');

export function PlaygroundPage() {
  const container = useRef<HTMLDivElement>(null);
  const { session, view, failed } = useSession(container);
  const sample = SAMPLES.find(({ path }) => path === view?.path) ?? SAMPLES[0];
  const failure = view?.client.kind === 'offline' ? view.client.failure : undefined;
  return (
    <main id="main" className="playground">
      <h1 className="visually-hidden">Playground</h1>
      <section className="workbench" aria-label="Editor">
        <div className="tabs">
          <div className="files" role="group" aria-label="Files">
            {SAMPLES.map(({ path }) => (
              <button
                key={path}
                type="button"
                aria-pressed={path === sample.path}
                disabled={!session}
                onClick={() => session?.open(path)}
              >
                {path.slice(path.lastIndexOf('/') + 1)}
              </button>
            ))}
          </div>
          <button type="button" className="start-over" disabled={!session} onClick={() => session?.startOver()}>
            Start over
          </button>
        </div>
        <p className="hint">
          Type <code>{sample.hint}</code> at the cursor and pause: pale text is a suggestion. <kbd>Tab</kbd> accepts it,{' '}
          <kbd>{IS_MAC ? 'Cmd' : 'Ctrl'}</kbd>+<kbd>→</kbd> a word of it, <kbd>Esc</kbd> dismisses it.
        </p>
        {failure?.reason === 'unauthenticated' && (
          <div className="key-panel">
            <KeyForm
              failure={{ title: '', detail: failure.detail, advice: undefined, needsKey: true }}
              purpose="This server asks who is there: enter an API key that may request completions."
            />
          </div>
        )}
        <div className="editor" data-testid="editor">
          <div ref={container} className="editor-host" />
          {!session && (
            <p className="editor-wait" role="status">
              {failed ? 'The editor could not be loaded. Reload the page.' : 'Loading the editor…'}
            </p>
          )}
        </div>
        <StatusLine view={view} language={sample.language} />
      </section>
      <InspectorPanel keystrokes={view?.keystrokes} manualKey={IS_MAC ? '⌥\\' : 'Alt+\\'} />
    </main>
  );
}
