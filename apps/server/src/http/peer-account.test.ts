import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { accountOf, isServiceAccount, sharedReads } from './peer-account.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';
/** The server's own end stands there as well, the other way round, under its own account. */
const TCP = `${HEAD}   0: 0100007F:125C 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 1 1 0 20 4 30 10 -1
   1: 0100007F:D431 0100007F:125C 01 00000000:00000000 02:00000F3E 00000000    33        0 2 2 0 20 4 30 10 -1
`;
const TCP6 = `${HEAD}   0: 00000000000000000000000001000000:D431 00000000000000000000000001000000:125C 01 00000000:00000000 00:00000000 00000000   101        0 3 1 0 20 4 0 10 -1
   1: 0000000000000000FFFF00000100007F:D432 0000000000000000FFFF00000100007F:125C 01 00000000:00000000 00:00000000 00000000 65534        0 3 1 0 20 4 0 10 -1
`;
const read = async (table: string) => (table === 'tcp' ? TCP : TCP6);
const peer = (address: string, port: number) => ({
  remoteAddress: address,
  remotePort: port,
  localAddress: address,
  localPort: 4700,
});

describe('the account at the other end', () => {
  it('is read from the tables of sockets', async () => {
    expect(await accountOf(peer('127.0.0.1', 54_321), read)).toBe(33);
    expect(await accountOf(peer('::ffff:127.0.0.1', 54_321), read)).toBe(33);
    expect(await accountOf(peer('::1', 54_321), read)).toBe(101);
    expect(await accountOf(peer('127.0.0.1', 54_322), read)).toBe(65_534);
  });

  it('is not known of what is in no table, of a closed socket, and where there are no tables', async () => {
    expect(await accountOf(peer('127.0.0.1', 1), read)).toBeUndefined();
    expect(await accountOf({}, read)).toBeUndefined();
    expect(await accountOf(peer('127.0.0.1', 54_321), () => Promise.reject(new Error('no such file')))).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is this one’s when it asks itself', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [socket] = (await once(server, 'connection')) as [Socket];
    expect(await accountOf(socket)).toBe(process.getuid!());
    client.destroy();
    socket.destroy();
    server.close();
  });

  it('is looked for in one reading by all who come at once, and never in one that began before', async () => {
    const readings: PromiseWithResolvers<string>[] = [];
    const read = sharedReads(() => {
      readings.push(Promise.withResolvers<string>());
      return readings.at(-1)!.promise;
    });
    const first = read('tcp');
    const others = [read('tcp'), read('tcp'), read('tcp')];
    expect(readings).toHaveLength(1);
    readings[0]!.reject(new Error('torn'));
    await expect(first).rejects.toThrow('torn');
    await new Promise(setImmediate);
    expect(readings).toHaveLength(2);
    const late = read('tcp');
    readings[1]!.resolve('one');
    expect(await Promise.all(others)).toEqual(['one', 'one', 'one']);
    await new Promise(setImmediate);
    expect(readings).toHaveLength(3);
    readings[2]!.resolve('two');
    expect(await late).toBe('two');
  });

  it('is a service’s by its number', () => {
    expect([33, 101, 999, 61_184, 65_534].every(isServiceAccount)).toBe(true);
    expect([0, 1000, 1001, 60_000].some(isServiceAccount)).toBe(false);
  });
});
