export type { RedisUnderTest } from './check-redis.ts';
export { type DoctorTools, runDoctor } from './run.ts';

export const DOCTOR_HELP = `Usage: ghostline doctor [options]

Looks at everything that a server with this configuration needs, as it would use it: configuration, data directory, port, Redis,
analytics, every endpoint with a real completion of one token, certificates, clocks, this machine. Says what to do.

Options, as the server is given them:
  --config FILE             default: ghostline.yaml in the current folder, when it is there
  --data-dir DIR            default: what the configuration says, or .ghostline
  --host, --port, --region  as for serve
  --json                    the findings as JSON
  --help                    this text

Exit codes: 0 it works (also with something to say), 1 something does not.
`;
