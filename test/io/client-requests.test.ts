import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endingRequests } from '../../src/io/client-requests.ts';

let silent: Server;
let connections: Socket[];
beforeEach(async () => {
  connections = [];
  silent = createServer((socket) => connections.push(socket.on('error', () => undefined)));
  await once(silent.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const socket of connections) socket.destroy();
  silent.close();
});

/** A request that is never answered, as others make it: without a signal. */
async function asked(): Promise<void> {
  await once(get({ port: (silent.address() as AddressInfo).port }), 'response');
}

test('when the signal aborts, what others wait for ends with it, also what they begin then', async () => {
  const controller = new AbortController();
  const ends: string[] = [];
  const work = async (): Promise<void> => {
    for (const which of ['first', 'second']) {
      await asked().catch((error: unknown) => ends.push(`${which}: ${(error as Error).message}`));
    }
  };
  let over: Promise<void> | undefined;
  const result = endingRequests(async () => {
    over = work();
    await over;
  }, controller.signal);
  await once(silent, 'connection');
  controller.abort(new Error('too late'));
  await expect(result).rejects.toThrow('too late');
  await over;
  expect(ends).toEqual(['first: socket hang up', 'second: socket hang up']);
});

test('what is done in time is handed on, and later requests are left alone', async () => {
  const controller = new AbortController();
  expect(await endingRequests(async () => await Promise.resolve('done'), controller.signal)).toBe('done');
  const later = asked();
  later.catch(() => undefined);
  const [socket] = (await once(silent, 'connection')) as [Socket];
  controller.abort();
  socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  await later;
});
