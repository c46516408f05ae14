/**
 * The sockets on which systemd listens for this process (sd_listen_fds(3)): LISTEN_FDS of them from descriptor 3 on, if
 * LISTEN_PID is this process. A child that only inherited the variables has none.
 */
import { LanacmeError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const firstDescriptor = 3;
const most = 8;

/** @param environment is cleared of the variables, as the manual asks: they are nobody else's. */
export function takeActivatedSockets(environment: NodeJS.ProcessEnv, pid: number): readonly number[] {
  const { LISTEN_PID: listenPid, LISTEN_FDS: count } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'])
    Reflect.deleteProperty(environment, name);
  if (listenPid !== String(pid) || count === undefined) return [];
  const sockets = /^\d{1,3}$/.test(count) ? Number(count) : 0;
  if (sockets >= 1 && sockets <= most) {
    return Array.from({ length: sockets }, (_, index) => firstDescriptor + index);
  }
  throw new LanacmeError(
    'endpoint.unavailable',
    `systemd says that it listens on ${count.slice(0, 20)} sockets`,
    {
      hint: `give the socket unit one ListenStream= line for each loopback address, ${most} at most`,
    },
  );
}

/**
 * For root, before another user goes on in a process of its own: the sockets are this process's, and that one would find
 * the port taken.
 *
 * @throws LanacmeError `endpoint.unavailable` if systemd listens for this process.
 */
export function refuseActivatedSockets(environment: Environment, pid: number, goesOn: string): void {
  if (environment['LISTEN_PID'] !== String(pid)) return;
  throw new LanacmeError(
    'endpoint.unavailable',
    `systemd listens for a process of root, and lanacme goes on as user ${goesOn}, who does not get its sockets`,
    { hint: `set User=${goesOn} in the service unit, as lanacme-credentials-serve.service does` },
  );
}
