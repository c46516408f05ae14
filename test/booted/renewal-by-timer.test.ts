/** Nobody types anything: the timer starts the service, and a client of nginx sees the new certificate and no gap. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';
import { keepAsking, untilServed } from './tls-client.ts';

const name = 'www.lan.example';
const host = useLanHost();
let root = '';

beforeAll(async () => {
  root = await host.world.pebble.issuerRootPem();
  await host.setUp();
  await host.debian.sh(`sudo lanacme issue --domain ${name}`);
  await host.serve(name);
  await host.hasten();
  await host.debian.sh('systemctl enable --now lanacme-renew.timer');
});

const liveSerial = async (): Promise<string> =>
  new X509Certificate(await host.certificate(name)).serialNumber;
const asked = () => ({ port: host.port, name, root });
const versions = async (): Promise<number> =>
  Number(await host.debian.sh(`readlink /var/lib/lanacme/live/${name} | tail -c 5`));
const units = 'lanacme-renew.timer lanacme-renew.service lanacme-deploy.service';

/** Until nginx shows the certificate that has come in the place of this one; returns its serial. */
async function servesNext(before: string): Promise<string> {
  await host.untilReplaced(name, before);
  const serial = await liveSerial();
  await untilServed({ port: host.port, servername: name }, serial);
  return serial;
}

test('three renewals, obtained as lanacme, deployed as root, and not one connection is dropped', async () => {
  const client = keepAsking(asked());
  const seen = [await liveSerial()];
  // This client itself: while a reload is under way, another may be shown the new one before.
  await client.untilShown(seen[0] ?? '');
  for (let round = 1; round <= 3; round += 1) {
    const before = await host.certificate(name);
    await host.makeDue(name);
    const serial = await servesNext(before);
    await client.untilShown(serial);
    seen.push(serial);
  }
  const { serials, failures, requests } = await client.stop();
  expect(failures).toEqual([]);
  // In whatever order: for a moment after a reload the workers of before still answer.
  expect(serials).toEqual(new Set(seen));
  expect(requests).toBeGreaterThan(30);
  expect((await host.world.counts()).acme.newOrder).toBe(4);
  expect(host.world.snapshot()).not.toContain('_acme-challenge');
});

test('who did it: the timer started it, user lanacme ordered, root ran the hook', async () => {
  const by = await host.debian.sh('systemctl show --property=TriggeredBy --value lanacme-renew.service');
  expect(by).toBe('lanacme-renew.timer');
  const uids = await host.debian.sh(
    'journalctl --unit=lanacme-renew.service --output=json --output-fields=_UID SYSLOG_IDENTIFIER=lanacme',
  );
  const lanacme = await host.debian.sh('id -u lanacme');
  expect(new Set(uids.match(/(?<="_UID":")\d+/g))).toEqual(new Set([lanacme]));
  const deployed = await host.debian.journal(
    '--unit=lanacme-deploy.service',
    '--grep=running the deploy hook',
  );
  expect(deployed.trim().split('\n')).toHaveLength(3);
  expect(deployed.match(/running the deploy hook as root/g)).toHaveLength(3);
});

test('a hook that fails three times and then works: tried by each run, one order, nothing in start-limit', async () => {
  const hook = `#!/bin/sh
echo "$RENEWED_DOMAINS as $(id -un)" >> /root/runs
test "$(wc -l < /root/runs)" -ge 4
`;
  const orders = (await host.world.counts()).acme.newOrder ?? 0;
  await host.debian.write('/etc/lanacme/deploy.d/moody', hook, 0o755);
  const before = await host.certificate(name);
  const last = await versions();
  await host.makeDue(name);
  await servesNext(before);
  await host.debian.until('test "$(wc -l < /root/runs)" -ge 4');
  await host.rest();
  expect(await host.debian.sh('cat /root/runs')).toBe(Array(4).fill(`${name} as root`).join('\n'));
  expect(await versions()).toBe(last + 1);
  expect((await host.world.counts()).acme.newOrder).toBe(orders + 1);
  expect(await host.debian.journal('--grep=start-limit|Start request repeated too quickly')).toMatch(
    /^-- No entries|^$/,
  );
  expect(await host.debian.sh(`systemctl list-units --failed --plain --no-legend ${units}`)).toBe('');
  expect(JSON.parse(await host.debian.sh('lanacme status --json'))).toMatchObject({
    certificates: [{ name, deployed: true }],
    errors: [],
  });
});

test('between two runs no process of lanacme is there', async () => {
  const processes = await host.debian.attempt('pgrep --list-full --uid lanacme; pgrep --list-full node');
  expect(processes.stdout).toBe('');
});

test('what the journal holds of it are only the failures of the hook', async () => {
  const said = await host.debian.journal('--priority=warning', '--unit=lanacme*', '--output=cat');
  const lines = said.split('\n').filter((line) => line !== '' && !isOfSystemd.test(line));
  expect(new Set(lines)).toEqual(
    new Set([expect.stringMatching(/^the hook "\/etc\/lanacme\/deploy.d\/moody" failed/)]),
  );
});

/** That a unit failed; and that it may be started for two reasons, which systemd 257 finds worth a warning. */
const isOfSystemd =
  /^(Failed to start |lanacme-deploy.service: (Failed with result|multiple trigger source))/;
