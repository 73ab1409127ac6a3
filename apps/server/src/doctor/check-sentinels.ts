import { type Finding, ok, warning } from './finding.ts';
import { networkReasonOf } from './network-reason.ts';

export interface SentinelProbe {
  readonly name: string;
  /** What SENTINEL MASTER and SENTINEL CKQUORUM answer; a refusal rejects. */
  master(name: string): Promise<readonly string[]>;
  quorum(name: string): Promise<string>;
}

export async function checkSentinels(sentinels: readonly SentinelProbe[], master: string): Promise<Finding[]> {
  const answers = await Promise.all(
    sentinels.map(async (sentinel): Promise<SentinelAnswer> => {
      try {
        const fields = await sentinel.master(master);
        const quorum = await sentinel.quorum(master).catch(networkReasonOf);
        return { name: sentinel.name, kind: 'answered', fields, quorum };
      } catch (error) {
        return { name: sentinel.name, kind: 'failed', reason: networkReasonOf(error) };
      }
    }),
  );
  return judgeSentinels(answers);
}

export type SentinelAnswer =
  | {
      readonly name: string;
      readonly kind: 'answered';
      /** Names and values in turn. */
      readonly fields: readonly string[];
      /** What it says of its quorum, or why it says nothing. */
      readonly quorum: string;
    }
  | { readonly name: string; readonly kind: 'failed'; readonly reason: string };

export function judgeSentinels(answers: readonly SentinelAnswer[]): Finding[] {
  const findings: Finding[] = [];
  for (const answer of answers) {
    if (answer.kind === 'failed') {
      const fix = 'Start it, or take it out of redis.sentinel.nodes; the others are asked meanwhile.';
      findings.push(warning(`sentinel ${answer.name}`, answer.reason, fix));
    }
  }
  const answered = answers.filter((answer) => answer.kind === 'answered');
  const [first] = answered;
  if (!first) return findings;
  const field = (name: string) => first.fields[first.fields.indexOf(name) + 1] ?? '';
  const unable = answered.find(({ quorum }) => !quorum.startsWith('OK'));
  if (unable)
    findings.push(
      warning(
        `sentinel ${unable.name}`,
        unable.quorum,
        'As many sentinels as the quorum, and most of all that are known, must reach each other, or nothing takes over.',
      ),
    );
  if (field('num-slaves') === '0')
    findings.push(warning('sentinels', 'the primary has no replica', 'Add one: without it nothing takes over.'));
  return findings.length > 0
    ? findings
    : [
        ok(
          'sentinels',
          `${answered.length} answer; primary ${field('ip')}:${field('port')}, replicas: ${field('num-slaves')}`,
        ),
      ];
}
