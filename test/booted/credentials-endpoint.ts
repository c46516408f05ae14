/** The served endpoint on the booted host, set up as lanacme-credentials.socket has it. */
import { freePorts } from '../support/free-ports.ts';
import type { LanHost } from './lan-host.ts';

export const socketUnit = 'lanacme-credentials.socket';
export const serveUnit = 'lanacme-credentials-serve.service';
export const tokenFile = '/etc/lanacme-credentials-token';

/** Makes the token for this group, by the lines in the unit's comment, and returns it. */
export async function makeToken(host: LanHost, group: string): Promise<string> {
  const unit = await host.debian.sh(`cat /usr/lib/systemd/system/${socketUnit}`);
  const lines = /^# {3}install [^]*?base64.*$/m.exec(unit)?.[0] ?? '';
  const typed = lines.replace(/^# {3}/gm, '').replace('GROUP', group);
  await host.debian.sh(`set -e\n${typed}`);
  return await host.debian.sh(`cat ${tokenFile}`);
}

/** Has the socket at a port of its own, since this host shares the loopback of all tests; returns where to ask. */
export async function movePort(host: LanHost): Promise<string> {
  const [port = 0] = await freePorts(1);
  await host.debian.write(
    `/etc/systemd/system/${socketUnit}.d/port.conf`,
    `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n`,
  );
  await host.debian.sh('systemctl daemon-reload');
  return `http://127.0.0.1:${port}/credentials`;
}
