/** What every server of the world does alike: it listens on the loopback unless told otherwise, and it ends at once. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where a server listens. */
export interface Listening {
  /** Default: the loopback address. `0.0.0.0` for a server in a container. */
  readonly address?: '127.0.0.1' | '0.0.0.0';
  /** Default: one that the system chooses. */
  readonly port?: number;
}

export async function listen(
  server: Server,
  { address = '127.0.0.1', port = 0 }: Listening = {},
): Promise<void> {
  server.listen(port, address);
  await once(server, 'listening');
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** With every connection that is open. */
export async function closeAtOnce(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
