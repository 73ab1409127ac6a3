import { InfoIcon } from '../frame/icons.tsx';

/** How every figure on the page is counted; said once, used by the panel and by each figure's button. */
export const DEFINITIONS = {
  shown: {
    term: 'Shown',
    text: 'Suggestions that stayed on screen long enough to be read, or were accepted. One stay on screen, a view, counts once: however often it is redrawn, and while you type along with it or it grows.',
  },
  accepted: {
    term: 'Accepted',
    text: 'Views whose whole suggestion went into the document. An acceptance is booked at the time its suggestion was shown, so that both sides of a rate are about the same suggestions. Acceptances of a word or a line are counted apart, as “in part”.',
  },
  rate: {
    term: 'Acceptance rate',
    text: 'Accepted ÷ shown. When nothing was shown there is no rate, and “–” stands for it, not 0%. The likely range is the 95% Wilson interval: with few suggestions it is wide, and two rates whose ranges overlap may well be equal.',
  },
  chars: {
    term: 'Accepted characters',
    text: 'Characters that suggestions put into documents, whole or in part. A rate alone favours short and obvious suggestions; characters tell whether they are worth having.',
  },
  latency: {
    term: 'Latency',
    text: 'From the keystroke to the ghost text as the editor saw it, of suggestions that were shown: the pause before asking, the network, queues, caches and the model together. Half of them were faster than p50, nine in ten faster than p90, 99 in 100 faster than p99.',
  },
  under300: {
    term: 'Under 300 ms',
    text: 'Share of shown suggestions that came within 300 ms of the keystroke, about as long as most people pause while they type.',
  },
  period: {
    term: 'Period',
    text: 'Whole hours, or whole days in UTC, the running one included. Changes compare with the period of the same length just before, up to the same hour.',
  },
  freshness: {
    term: 'Data as of',
    text: 'Editors keep events until a server has them, servers keep them on disk until the store has them. The time says how far the store may be behind the servers; a laptop that was offline adds to the past when it returns.',
  },
} as const;

/** The button beside a figure that explains it. */
export function Definition({ of }: { of: keyof typeof DEFINITIONS }) {
  const { term, text } = DEFINITIONS[of];
  const id = `definition-${of}`;
  return (
    <span className="definition">
      <button type="button" className="definition-button" popoverTarget={id} aria-label={`What “${term}” means`}>
        <InfoIcon />
      </button>
      <span id={id} popover="auto" className="popover definition-text">
        <b>{term}</b> {text}
      </span>
    </span>
  );
}

export function Definitions() {
  return (
    <details className="definitions">
      <summary>How these figures are counted</summary>
      <dl>
        {Object.values(DEFINITIONS).map(({ term, text }) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
