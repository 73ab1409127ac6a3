import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** In a measured child: tells its parent the port, then answers each question with the CPU time used so far, in µs. */
export function reportCpuTo(parent: NodeJS.Process, port: number): void {
  parent.on('message', () => {
    const { user, system } = process.cpuUsage();
    parent.send?.({ cpu: user + system });
  });
  parent.on('disconnect', () => process.exit(0));
  parent.send?.({ port });
}

/** CPU time that `child` has used so far, in µs. */
export async function cpuOf(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message');
  child.send('cpu');
  const [{ cpu }] = await answer;
  return cpu;
}
