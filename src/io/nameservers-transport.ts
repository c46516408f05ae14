import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { NameServer } from '../ports.ts';

/** Takes a packet; gives what it makes of it, or nothing if the packet is not worth a look. */
type Take<T> = (packet: Buffer) => T | undefined;

/**
 * Sends a datagram and gives the first reply that `take` takes, from this server and to this question. Each query has
 * a socket and so a random port of its own, which with the id makes forging an answer hard (RFC 5452).
 *
 * Rejects with the socket's error, or the signal's reason.
 */
export async function askByUdp<T>(
  server: NameServer,
  query: Buffer,
  take: Take<T>,
  signal: AbortSignal,
): Promise<T> {
  const socket = createSocket({ type: server.address.includes(':') ? 'udp6' : 'udp4' });
  try {
    return await settled<T>(signal, (resolve, reject) => {
      socket.on('error', reject);
      socket.on('message', (packet) => {
        const taken = take(packet);
        if (taken !== undefined) resolve(taken);
      });
      // A connected socket hears this server only, and learns that nothing listens there.
      socket.connect(server.port, server.address, () => {
        socket.send(query);
      });
    });
  } finally {
    socket.close();
  }
}

/** Sends a query over TCP, with its length in front (RFC 1035 §4.2.2), and gives the one answer. */
export async function askByTcp(server: NameServer, query: Buffer, signal: AbortSignal): Promise<Buffer> {
  const socket = connect({ port: server.port, host: server.address });
  try {
    return await settled<Buffer>(signal, (resolve, reject) => {
      let received = Buffer.alloc(0);
      socket.on('error', reject);
      socket.on('close', () => {
        reject(new Error('the connection was closed in the middle of an answer'));
      });
      socket.on('data', (piece) => {
        received = Buffer.concat([received, piece]);
        const end = received.length < 2 ? Infinity : 2 + received.readUInt16BE(0);
        if (received.length >= end) resolve(received.subarray(2, end));
      });
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
  } finally {
    socket.destroy();
  }
}

/** A promise that an abort rejects, too. */
async function settled<T>(
  signal: AbortSignal,
  start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> {
  signal.throwIfAborted();
  let abort = (): void => undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      abort = () => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort);
      start(resolve, reject);
    });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
