import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const mostSilent = 512;

/**
 * Whoever is on this host can open connections and say nothing: they must not keep out who asks. Of too many the one goes
 * that has said nothing for longest.
 *
 * @returns to be told of each request, and of the response that it waits for.
 */
export function limitSilent(server: Server): (socket: Socket, response: ServerResponse) => void {
  const silent = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
    const [oldest] = silent;
    if (silent.size > mostSilent) oldest?.destroy();
  });
  return (socket, response) => {
    silent.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) silent.add(socket);
    });
  };
}
