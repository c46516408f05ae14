/** Asking servers for the certificate that they show, by a TLS handshake that trusts nothing and sends nothing. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { escapeText } from '../core/escape.ts';
import type { ServedAnswer, ServedLeaf } from '../ports.ts';
import { errnoOf } from './file-failure.ts';

/** For each address, in milliseconds. */
const limitMs = 10_000;

export const servedLeaf: ServedLeaf = {
  async ask(target, serverName, signal) {
    const { host, port } = parts(target);
    const addresses = await addressesOf(host, signal);
    if (typeof addresses === 'string') return [{ kind: 'none', address: target, reason: addresses }];
    return await Promise.all(
      addresses.map(async (address) => await leafAt(address, port, serverName, signal)),
    );
  },
};

function parts(target: string): { readonly host: string; readonly port: number } {
  const colon = target.lastIndexOf(':');
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return { host, port: Number(target.slice(colon + 1)) };
}

/** All of them, in a stable order, or why there are none. */
async function addressesOf(host: string, signal: AbortSignal): Promise<readonly string[] | string> {
  if (isIP(host) !== 0) return [host];
  const limit = AbortSignal.timeout(limitMs);
  try {
    const found = await Promise.race([lookup(host, { all: true }), ended(AbortSignal.any([signal, limit]))]);
    return [...new Set(found.map(({ address }) => address))].sort();
  } catch (error) {
    signal.throwIfAborted();
    if (limit.aborted) return `could not be looked up within ${limitMs / 1_000} s`;
    return `has no address: ${errnoOf(error) ?? 'the name cannot be resolved'}`;
  }
}

/** getaddrinfo(3) takes as long as it likes. */
async function ended(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

async function leafAt(
  address: string,
  port: number,
  serverName: string | undefined,
  signal: AbortSignal,
): Promise<ServedAnswer> {
  signal.throwIfAborted();
  const shown = isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
  const socket = connect({
    host: address,
    port,
    // Whether it is trusted is not the question: whether it is the one that is in place is.
    rejectUnauthorized: false,
    ...(serverName === undefined || isIP(serverName) !== 0 ? {} : { servername: serverName }),
  });
  const limit = AbortSignal.timeout(limitMs);
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.any([signal, limit]) });
    return leafOf(socket, shown);
  } catch (error) {
    signal.throwIfAborted();
    return { kind: 'none', address: shown, reason: limit.aborted ? tooLate : refusal(error) };
  } finally {
    socket.destroy();
  }
}

function leafOf(socket: TLSSocket, address: string): ServedAnswer {
  const leaf = socket.getPeerX509Certificate()?.raw;
  return leaf === undefined
    ? { kind: 'none', address, reason: 'showed no certificate' }
    : { kind: 'leaf', address, leaf };
}

const tooLate = `did not finish a TLS handshake within ${limitMs / 1_000} s`;

function refusal(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  return `did not finish a TLS handshake: ${escapeText(errnoOf(error) ?? said, 200)}`;
}
