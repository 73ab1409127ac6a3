import { eventually } from '../../harness/eventually.ts';
import { type Desk, EXTENSION_ID } from './desk.ts';

/** What VS Code's report on its own start says of the extension, in ms. */
export interface Activation {
  readonly loadMs: number;
  readonly activateMs: number;
  /** Both, as `Developer: Show Running Extensions` has it. */
  readonly ms: number;
  /** What the longest turn of the event loop since the start of the extension host computed: no other process counts. */
  readonly computedMs: number;
}

/** Of the last start of the extension host. Once for each. */
export async function activationOf(desk: Desk): Promise<Activation> {
  const id = EXTENSION_ID[desk.subject].replaceAll('.', String.raw`\.`);
  const row = new RegExp(String.raw`^\| ${id} +\| \w+ +\| (\d+) +\| (\d+) +\|`, 'm');
  const [load, activate] = await eventually('VS Code tells how long the extension took to activate', async () =>
    row
      .exec((await desk.probe.startupPerformance()) ?? '')
      ?.slice(1)
      .map(Number),
  );
  const turns = await desk.probe.unwatchLoop();
  return {
    loadMs: load!,
    activateMs: activate!,
    ms: load! + activate!,
    computedMs: Math.max(...turns.map(([, computed]) => computed)),
  };
}
