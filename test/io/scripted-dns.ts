import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';

/** What a server sends back for a query, in this order; raw bytes are sent as they are. */
export type Script = (query: DecodedPacket, via: 'udp' | 'tcp') => readonly (Buffer | Partial<Packet>)[];

export interface ScriptedDns {
  readonly port: number;
  /** How each query came. */
  readonly asked: readonly ('udp' | 'tcp')[];
  /** The source port of each UDP query. */
  readonly sourcePorts: readonly number[];
  stop(): Promise<void>;
}

/** The packet that an honest server sends; a script overrides parts of it. */
function answerTo(query: DecodedPacket, more: Partial<Packet>): Buffer {
  const { id = 0, questions = [] } = query;
  return encode({ type: 'response', id, flags: authoritative, questions, ...more });
}

export const authoritative = 1 << 10;
export const truncated = 1 << 9;

/** A DNS server that answers by a script, on one port for UDP and TCP. */
export async function startScriptedDns(script: Script): Promise<ScriptedDns> {
  const asked: ('udp' | 'tcp')[] = [];
  const sourcePorts: number[] = [];
  const replies = (bytes: Buffer, via: 'udp' | 'tcp'): Buffer[] => {
    asked.push(via);
    const query = decode(bytes);
    return script(query, via).map((reply) => (Buffer.isBuffer(reply) ? reply : answerTo(query, reply)));
  };
  const open = new Set<Socket>();
  const tcp = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined).on('close', () => open.delete(socket));
    socket.once('data', (bytes) => {
      for (const reply of replies(bytes.subarray(2), 'tcp')) {
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        // Byte by byte: a client must put the pieces together itself.
        for (const byte of Buffer.concat([length, reply])) socket.write(Buffer.of(byte));
      }
      socket.end();
    });
  });
  tcp.listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const udp = createSocket('udp4', (bytes, peer) => {
    sourcePorts.push(peer.port);
    for (const reply of replies(bytes, 'udp')) udp.send(reply, peer.port, peer.address);
  });
  udp.bind(port, '127.0.0.1');
  await once(udp, 'listening');
  return {
    port,
    asked,
    sourcePorts,
    stop: async () => {
      for (const socket of open) socket.destroy();
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
}
