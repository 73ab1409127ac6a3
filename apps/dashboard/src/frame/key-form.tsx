import { type FormEvent, useId } from 'react';
import { setApiKey, useApiKey } from '../api/api-key.ts';
import type { Failure } from '../api/failure.ts';
import { KeyIcon } from './icons.tsx';

/** Asks for an API key after the server has asked for one; `purpose` says which kind. */
export function KeyForm({ failure, purpose }: { failure: Failure; purpose: string }) {
  const id = useId();
  const key = useApiKey();
  return (
    <section className="notice" aria-labelledby={`${id}-title`}>
      <span className="notice-icon">
        <KeyIcon />
      </span>
      <h2 id={`${id}-title`}>{key === undefined ? 'An API key is needed' : 'This API key does not open this page'}</h2>
      <p>{purpose}</p>
      <form onSubmit={submit}>
        <label htmlFor={id} className="visually-hidden">
          API key
        </label>
        <input
          id={id}
          name="key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          placeholder="API key"
          required
          aria-describedby={`${id}-detail`}
        />
        <button type="submit" className="button primary">
          Continue
        </button>
      </form>
      <p id={`${id}-detail`} className="quiet">
        {key !== undefined && <>{failure.detail} </>}
        The key stays in this browser tab and is forgotten when it closes.
      </p>
    </section>
  );
}

function submit(event: FormEvent<HTMLFormElement>): void {
  event.preventDefault();
  const entered = new FormData(event.currentTarget).get('key');
  if (typeof entered === 'string' && entered.trim()) setApiKey(entered.trim());
}
