import type { Failure } from '../api/failure.ts';
import { WarningIcon } from '../frame/icons.tsx';

interface FailureProps {
  failure: Failure;
  onRetry: () => void;
}

/** Nothing has been loaded yet: the failure is the page. */
export function FailureNotice({ failure, onRetry }: FailureProps) {
  return (
    <section className="notice" role="alert">
      <span className="notice-icon bad">
        <WarningIcon />
      </span>
      <h2>{failure.title}</h2>
      <p>{failure.detail}</p>
      {failure.advice && <p className="quiet">{failure.advice}</p>}
      <div className="actions">
        <button type="button" className="button" onClick={onRetry}>
          Try now
        </button>
      </div>
    </section>
  );
}

/** Above the last good figures. */
export function FailureBanner({ failure, onRetry }: FailureProps) {
  return (
    <section className="banner" role="alert">
      <WarningIcon />
      <div>
        <p>
          <b>{failure.title}.</b> {failure.detail} The figures below are the last that were loaded.
        </p>
        {failure.advice && <p className="banner-advice">{failure.advice}</p>}
      </div>
      <button type="button" className="button" onClick={onRetry}>
        Try now
      </button>
    </section>
  );
}
