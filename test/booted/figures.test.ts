/** What an installation costs: how much of a run is exposed, how big it is, what an hourly run with nothing to do takes. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';

const name = 'nas.lan.example';
const renew = 'lanacme-renew.service';
const host = useLanHost();

beforeAll(async () => {
  await host.setUp();
  await host.debian.sh(`lanacme issue --domain ${name}`);
  // The CA is asked once when it would like the renewal.
  await host.debian.sh(`systemctl start ${renew}`);
  await host.rest();
});

function tell(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(44)} ${figure}\n`);
}

test.for([
  [renew, 1.5],
  [`lanacme-issue@${name}.service`, 1.5],
  ['lanacme-deploy.service', 10],
] as const)('exposure of %s is at most %d', async ([unit, most]) => {
  const said = await host.debian.sh(`systemd-analyze security --no-pager ${unit}`);
  const exposure = Number(/Overall exposure level for .*: ([\d.]+)/.exec(said)?.[1]);
  tell(`exposure of ${unit}`, String(exposure));
  expect(exposure).toBeLessThanOrEqual(most);
});

test('the size of the package', async () => {
  const size = await host.debian.sh('stat -c %s /root/lanacme_*.deb');
  const installed = await host.debian.sh("dpkg-query --show --showformat='${Installed-Size}' lanacme");
  tell('.deb', `${Math.ceil(Number(size) / 1000)} kB`);
  tell('installed', `${installed} kB`);
  expect(Number(size)).toBeLessThan(1_000_000);
  expect(Number(installed)).toBeLessThan(5_000);
});

test('an hourly run with nothing to do', async () => {
  await host.world.forgetRequests();
  const of = async (property: string): Promise<number> =>
    Number(await host.debian.sh(`systemctl show --property=${property} --value ${renew}`));
  await host.debian.sh(`systemctl start ${renew}`);
  const [began, ended] = [
    await of('ExecMainStartTimestampMonotonic'),
    await of('ExecMainExitTimestampMonotonic'),
  ];
  const [cpu, ofCgroup] = [await of('CPUUsageNSec'), await of('MemoryPeak')];
  tell(
    'a run with nothing to do',
    `${((ended - began) / 1000).toFixed()} ms, ${(cpu / 1e6).toFixed()} ms of a processor`,
  );
  const peak = Number.isNaN(ofCgroup) ? await ownPeak() : ofCgroup / 1024;
  tell('its peak of memory', `${(peak / 1024).toFixed(1)} MB`);
  expect(peak / 1024).toBeLessThan(100);
  expect(await host.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

/** In kilobytes, as the process itself counts it: where control groups have no memory controller. */
async function ownPeak(): Promise<number> {
  const tool = new URL('../bench/peak-memory.mjs', import.meta.url);
  await host.debian.write('/usr/local/lib/peak-memory.mjs', await readFile(tool));
  const file = '/var/lib/lanacme/peak-memory';
  const environment = `NODE_OPTIONS=--import=/usr/local/lib/peak-memory.mjs PEAK_MEMORY_FILE=${file}`;
  await host.debian.write(
    `/run/systemd/system/${renew}.d/peak.conf`,
    `[Service]\nEnvironment=${environment}\n`,
  );
  await host.debian.sh(`systemctl daemon-reload && systemctl start ${renew}`);
  return Number(await host.debian.sh(`cat ${file}`));
}
