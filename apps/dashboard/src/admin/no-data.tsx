import { useApiKey } from '../api/api-key.ts';
import { ArrowIcon } from '../frame/icons.tsx';
import { RANGES, RANGE_NAMES, type RangeName } from './range.ts';

const LONGEST = RANGE_NAMES[RANGE_NAMES.length - 1]!;

/** Nothing was shown in the range: how to get the first suggestion, or a longer look back. */
export function NoData({ range, onPick }: { range: RangeName; onPick: (range: RangeName) => void }) {
  const authenticated = useApiKey() !== undefined;
  return (
    <section className="empty" aria-labelledby="empty-title">
      <div className="empty-art" aria-hidden="true">
        <span>const total = </span>
        <i />
        <span className="ghost">prices.reduce(</span>
      </div>
      <h2 id="empty-title">No data yet</h2>
      <p>No suggestion was shown in the last {RANGES[range].label}. The first one will appear here within seconds:</p>
      <ol className="steps">
        <li>
          <b>Open the playground</b>
          <span>An editor in this browser, connected to this server. Nothing to install.</span>
        </li>
        <li>
          <b>Start a line</b>
          <span>
            Type <code>const total = </code> and pause. Pale text after the cursor is a suggestion: it is now{' '}
            <em>shown</em>.
          </span>
        </li>
        <li>
          <b>
            Press <kbd>Tab</kbd>
          </b>
          <span>
            The suggestion goes into the document: it is now <em>accepted</em>, and this page counts both.
          </span>
        </li>
      </ol>
      <div className="actions">
        <a className="button primary" href="/playground/">
          Open the playground <ArrowIcon />
        </a>
        {range !== LONGEST && (
          <button type="button" className="button" onClick={() => onPick(LONGEST)}>
            Look back {RANGES[LONGEST].label}
          </button>
        )}
      </div>
      <p className="quiet">
        In VS Code, install the extension whose path <code>npm start</code> prints. With{' '}
        <code>telemetry.telemetryLevel</code> at <code>off</code>, the editor sends no events and nothing is counted.
        {authenticated && ' Groups of fewer than five people are not reported.'}
      </p>
    </section>
  );
}
