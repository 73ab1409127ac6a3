import { Problem, problemName, type ProblemName } from '@ghostline/protocol';

/** Why a question to the server has no answer, said to the person in front of the page. */
export interface Failure {
  readonly title: string;
  readonly detail: string;
  /** What to do about it, when the detail does not say. */
  readonly advice: string | undefined;
  /** An API key, or another one, would help. */
  readonly needsKey: boolean;
}

/** Thrown by everything in this folder that asks the server; carries what to say. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(`${failure.title}: ${failure.detail}`, options);
    this.failure = failure;
  }
}

const ADVICE: Partial<Record<ProblemName, string>> = {
  'analytics-unavailable':
    'Completions go on meanwhile, and no event is lost: they wait in the event log and are counted as soon as the store is back. This page keeps trying.',
  'identity-unavailable': 'What checks keys or tokens is away for a moment. This page keeps trying.',
  'rate-limited': 'This page keeps trying, more slowly.',
  'origin-not-allowed':
    'Open this page under the address the server listens on, or configure authentication to serve other hosts.',
  internal: 'The server’s log has the cause. This page keeps trying.',
  'not-found': 'The page and the server seem to be of different versions: reload the page.',
};

/** No response at all. */
export function unreachable(path: string, cause: unknown): RequestFailed {
  return new RequestFailed(
    {
      title: 'The server does not answer',
      detail: `${path} got no response.`,
      advice: 'Check that Ghostline is running (npm start) and that this machine can reach it. This page keeps trying.',
      needsKey: false,
    },
    { cause },
  );
}

/** A response that is not a success: Ghostline's own problem document, or a stranger's answer. */
export function refused(path: string, status: number, body: unknown): RequestFailed {
  const document = Problem.safeParse(body);
  if (!document.success) {
    return new RequestFailed({
      title: `Unexpected answer (HTTP ${status})`,
      detail: `${path} was answered, but not by Ghostline.`,
      advice: 'A proxy in between may be misconfigured, or Ghostline behind it may be down.',
      needsKey: status === 401,
    });
  }
  const { title, detail } = document.data;
  const name = problemName(document.data);
  return new RequestFailed({
    title,
    detail,
    advice: name && ADVICE[name],
    needsKey: name === 'unauthenticated' || name === 'forbidden',
  });
}

/** A success whose body is not what the protocol says. */
export function misunderstood(path: string, cause: unknown): RequestFailed {
  return new RequestFailed(
    {
      title: 'The answer is not understood',
      detail: `${path} answered in a form this page does not know.`,
      advice: 'The page and the server seem to be of different versions: reload the page.',
      needsKey: false,
    },
    { cause },
  );
}

/** What to say about anything caught; errors of the page itself included. */
export function failureOf(error: unknown): Failure {
  if (error instanceof RequestFailed) return error.failure;
  return {
    title: 'The page failed',
    detail: error instanceof Error ? error.message : String(error),
    advice: 'Reload the page.',
    needsKey: false,
  };
}
