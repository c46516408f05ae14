import type { LanHost } from './lan-host.ts';

/** What `find` prints as the main process of a unit: the same unit, but for what it starts. */
export async function findInside(host: LanHost, unit: string, what: string): Promise<readonly string[]> {
  await host.rest();
  const arguments_ = what.replace(/[()]/g, "'$&'");
  const command = `sh -c "find ${arguments_} -printf 'found %%p\\\\n' 2> /dev/null; true"`;
  const probe = `[Service]\nType=oneshot\nExecStart=\nExecStart=${command}\nRestart=no\n`;
  const folder = `/run/systemd/system/${unit}.service.d`;
  await host.debian.write(`${folder}/probe.conf`, probe);
  const since = await host.debian.sh('date +%s.%N');
  await host.debian.sh(`systemctl daemon-reload && systemctl start ${unit}.service`);
  await host.debian.sh(`journalctl --sync; rm -r ${folder} && systemctl daemon-reload`);
  const said = await host.debian.journal(`--unit=${unit}.service`, `--since=@${since}`, '--output=cat');
  return said.split('\n').flatMap((line) => (line.startsWith('found ') ? [line.slice('found '.length)] : []));
}

/** Where nothing is kept: the process itself, its memory pressure, and a place for message queues of its own. */
export function isNoPlace(path: string): boolean {
  return /^\/(proc\/|dev\/mqueue$|sys\/fs\/cgroup\/system.slice\/.*\/memory.pressure$)/.test(path);
}
