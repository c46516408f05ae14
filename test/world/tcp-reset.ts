import type { Socket } from 'node:net';

/**
 * Ends a connection as a crashed server or a firewall does. Under TLS the TCP connection itself is the parent, which
 * Node does not name: the TLS socket would say goodbye first, and that is the end of a conversation.
 */
export function resetConnection(socket: Socket): void {
  const below = Reflect.get(socket, '_parent') as Socket | null | undefined;
  (below ?? socket).resetAndDestroy();
}
