import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** Of these the kernel gives none to whoever asks for any port, nor to a connection that goes out (32768 and up). */
const [first, last] = [16_384, 32_767];

/**
 * TCP ports of the loopback addresses that nobody listens on, for programs that cannot be told "any port", and for those
 * that shall find nobody there. Who asks the kernel for a port does not get one of them in the meantime.
 */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Map<number, readonly Server[]>();
  while (found.size < count) {
    const port = randomInt(first, last + 1);
    const servers = found.has(port) ? undefined : await listenersOn(port);
    if (servers !== undefined) found.set(port, servers);
  }
  await Promise.all([...found.values()].map(close));
  return [...found.keys()];
}

/** At both addresses; nothing if somebody has it at one of them. */
async function listenersOn(port: number): Promise<readonly Server[] | undefined> {
  const servers: Server[] = [];
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer().listen(port, host);
    try {
      await once(server, 'listening');
      servers.push(server);
    } catch (error) {
      // A host without IPv6.
      if (host === '::1' && (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') continue;
      await close(servers);
      return undefined;
    }
  }
  return servers;
}

async function close(servers: readonly Server[]): Promise<void> {
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
}
