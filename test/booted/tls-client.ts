/** Clients of a server on the loopback that trust the CA and nobody else. */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { TLSSocket } from 'node:tls';
import { patienceMs, poll } from '../support/poll.ts';
import { type TlsServer, tlsLeaf } from '../support/tls-leaf.ts';

export interface Asked {
  readonly port: number;
  readonly name: string;
  /** PEM of the root to trust. */
  readonly root: string;
}

/** Opens a connection, asks for `/`, and returns the serial of the certificate that was shown. Throws unless all went well. */
export async function getOnce({ port, name, root }: Asked): Promise<string> {
  const asked = request({
    host: '127.0.0.1',
    port,
    servername: name,
    ca: root,
    agent: false,
    headers: { host: name },
    signal: AbortSignal.timeout(10_000),
  }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  if (!(answer.socket instanceof TLSSocket)) throw new Error('it was not asked by TLS');
  const serial = answer.socket.getPeerCertificate().serialNumber;
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString();
  if (answer.statusCode !== 200 || body !== name) throw new Error(`${answer.statusCode}: ${body}`);
  return serial;
}

/**
 * Returns once the certificate with this serial is shown. A reload is no moment: for a while the workers of before answer
 * beside the new ones, so that a single answer right after it says nothing.
 */
export async function untilServed(server: TlsServer, serial: string): Promise<void> {
  let shown: unknown;
  const isShown = async (): Promise<boolean> => {
    shown = await tlsLeaf(server).then(
      (leaf) => leaf.serialNumber,
      (error: unknown) => error,
    );
    return shown === serial;
  };
  if (await poll(isShown)) return;
  throw new Error(`not in ${patienceMs / 1000} s: ${serial} for ${server.servername}`, { cause: shown });
}

/** What came of asking without a pause. */
export interface Asking {
  /** Those that were shown. */
  readonly serials: ReadonlySet<string>;
  readonly failures: readonly string[];
  readonly requests: number;
}

export interface Client {
  /** Returns once this client was shown the certificate with this serial. */
  untilShown(serial: string): Promise<void>;
  stop(): Promise<Asking>;
}

/** Asks again and again, each time by a new connection, until it is stopped. */
export function keepAsking(asked: Asked): Client {
  const sofar = { serials: new Set<string>(), failures: [] as string[], requests: 0 };
  const wanted = new AbortController();
  const asking = askUntil(wanted.signal, asked, sofar);
  return {
    async untilShown(serial) {
      if (await poll(async () => await Promise.resolve(sofar.serials.has(serial)))) return;
      throw new Error(`not in ${patienceMs / 1000} s: ${serial}; failures: ${sofar.failures.join(', ')}`);
    },
    async stop() {
      wanted.abort();
      await asking;
      return sofar;
    },
  };
}

async function askUntil(
  end: AbortSignal,
  asked: Asked,
  sofar: { readonly serials: Set<string>; readonly failures: string[]; requests: number },
): Promise<void> {
  while (!end.aborted) {
    sofar.requests += 1;
    try {
      sofar.serials.add(await getOnce(asked));
    } catch (error) {
      sofar.failures.push(String(error));
    }
  }
}
