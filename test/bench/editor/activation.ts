import { eventually } from '../../harness/eventually.ts';
import { type Desk, EXTENSION_ID } from './desk.ts';

/** What VS Code's report on its own start says of the extension, in ms. */
export interface Activation {
  readonly loadMs: number;
  readonly activateMs: number;
  /** Both, as `Developer: Show Running Extensions` has it. */
  readonly ms: number;
}

/** Of the last start of the extension host. */
export function activationOf(desk: Desk): Promise<Activation> {
  const id = EXTENSION_ID[desk.subject].replaceAll('.', String.raw`\.`);
  const row = new RegExp(String.raw`^\| ${id} +\| \w+ +\| (\d+) +\| (\d+) +\|`, 'm');
  return eventually('VS Code tells how long the extension took to activate', async () => {
    const [, load, activate] = row.exec((await desk.probe.startupPerformance()) ?? '') ?? [];
    if (load === undefined || activate === undefined) return undefined;
    return { loadMs: Number(load), activateMs: Number(activate), ms: Number(load) + Number(activate) };
  });
}
