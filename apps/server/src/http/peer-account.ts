import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';
import process from 'node:process';

/** What of a connection names its other end. */
export interface Peer {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/**
 * The number of the account whose process of this machine is at the other end; undefined when that cannot be told, as
 * anywhere but on Linux.
 */
export async function accountOf(peer: Peer, read = readSockets): Promise<number | undefined> {
  const { remoteAddress, remotePort, localAddress, localPort } = peer;
  if (remoteAddress === undefined || localAddress === undefined || !remotePort || !localPort) return undefined;
  const [remote, local] = [plain(remoteAddress), plain(localAddress)];
  // A socket of IPv6 may speak IPv4, and stands in the other table then.
  for (const [table, address] of [['tcp', v4Hex] as const, ['tcp6', v6Hex] as const]) {
    if (table === 'tcp' && !(isIPv4(remote) && isIPv4(local))) continue;
    const ends = `${address(remote)}:${portHex(remotePort)} ${address(local)}:${portHex(localPort)} `;
    const text = await read(table).catch(() => '');
    const at = text.indexOf(ends);
    if (at < 0) continue;
    // After the two ends: state, queues, timer, retransmits, account (proc_net_tcp in Linux' documentation).
    const account = Number(text.slice(at + ends.length, at + ends.length + 100).split(/\s+/)[4]);
    return Number.isInteger(account) ? account : undefined;
  }
  return undefined;
}

/**
 * Whether it is an account for a service, as proxies run under: 1–999 (login.defs), those that systemd makes (61184–65519), and
 * nobody. Root is no service: it is how Windows reaches into WSL.
 */
export function isServiceAccount(account: number): boolean {
  return (account >= 1 && account <= 999) || (account >= 61_184 && account <= 65_519) || account === 65_534;
}

type Table = 'tcp' | 'tcp6';

/**
 * The kernel takes milliseconds to write a table down, whatever is in it: a hundred connections that come at once are looked for
 * in one.
 */
const readSockets = sharedReads((table: Table) => {
  if (process.platform !== 'linux') return Promise.resolve('');
  return readFile(`/proc/net/${table}`, 'latin1');
});

/** One reading at a time, which all get who asked before it began: what is under way may have passed their socket already. */
export function sharedReads(read: (table: Table) => Promise<string>): (table: Table) => Promise<string> {
  const running = new Map<Table, Promise<string>>();
  const next = new Map<Table, Promise<string>>();

  function begin(table: Table): Promise<string> {
    const reading = read(table).finally(() => running.delete(table));
    running.set(table, reading);
    return reading;
  }

  return (table) => {
    const under = running.get(table);
    if (under === undefined) return begin(table);
    const waiting =
      next.get(table) ??
      under
        .catch(() => '')
        .then(() => {
          next.delete(table);
          return begin(table);
        });
    next.set(table, waiting);
    return waiting;
  };
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function portHex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}

/** As a number of this processor's byte order, of which all that Node runs on have the small end first. */
function v4Hex(address: string): string {
  return hexOf(address.split('.').map(Number).toReversed());
}

/** Four such numbers; of IPv6 only this machine's own address comes here. */
function v6Hex(address: string): string {
  return isIPv4(address) ? `0000000000000000FFFF0000${v4Hex(address)}` : '00000000000000000000000001000000';
}

function hexOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}
