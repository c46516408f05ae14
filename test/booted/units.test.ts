/** The units as Debian 13's systemd judges them, and the work done inside of them: see also the other files in here. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ConnectProxy, startConnectProxy } from '../support/connect-proxy.ts';
import { useLanHost } from './lan-host.ts';

const host = useLanHost();
const name = 'nas.lan.example';
const issue = `lanacme-issue@${name}.service`;

let proxy: ConnectProxy;
beforeAll(async () => {
  proxy = await startConnectProxy();
});
afterAll(async () => {
  await proxy.stop();
});

/** What belongs to one host, in the words of the comment in lanacme-renew.service. */
const dropIn = `[Service]
LoadCredential=device.key:/etc/lanacme/device.key
ReadWritePaths=/srv/metrics
`;
/** Run as root by lanacme-deploy.service: notes whether it may do what hooks do, and see what it should not. */
const hook = `#!/bin/sh
set -e
exec > /etc/ssl/noted
for path in /etc/lanacme/device.key /var/lib/lanacme/accounts /var/lib/lanacme/orders; do
  if { cat "$path" || ls -A "$path"; } 2> /dev/null | grep -q .; then echo "seen: $path"; fi
done
cp "$RENEWED_LINEAGE/privkey.pem" /usr/local/etc/copied.pem
chown www-data /usr/local/etc/copied.pem
sudo -u www-data test -r /usr/local/etc/copied.pem
systemctl reload nginx
echo done
`;

test('what runs of root have left is user lanacme’s from then on, and keys keep their group', async () => {
  const { debian } = host;
  const key = '/var/lib/lanacme/archive/old/0001/privkey.pem';
  await debian.write(key, 'key', 0o640);
  await debian.sh(`chgrp www-data ${key} && chmod 0711 /var/lib/lanacme`);
  expect(await host.install()).toContain('/var/lib/lanacme was of root and is of user lanacme now');
  expect(await debian.sh(`stat --format='%U %G %a' /var/lib/lanacme ${key}`)).toBe(
    'lanacme lanacme 711\nlanacme www-data 640',
  );
  await debian.sh('rm -r /var/lib/lanacme/archive');
});

test('verify has nothing to say', async () => {
  await host.setUp({
    LANACME_IOT_KEY: 'credential:device.key',
    LANACME_METRICS_FILE: '/srv/metrics/lanacme.prom',
    LANACME_KEY_GROUP: 'ssl-cert',
    LANACME_COMBINED: 'true',
    LANACME_DEPLOY_HOOK: '/usr/local/sbin/hook',
    HTTPS_PROXY: proxy.url,
    NO_PROXY: new URL(host.world.route53.url).hostname,
  });
  const units = ['lanacme-renew.service', 'lanacme-renew.timer', 'lanacme-deploy.service', issue];
  const ofCredentials = ['.timer', '.service', '.socket', '-serve.service'];
  units.push(...ofCredentials.map((end) => `lanacme-credentials${end}`));
  const verified = await host.debian.attempt(`systemd-analyze verify --man=no ${units.join(' ')}`);
  expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
});

test.each([
  'lanacme-renew.service',
  'lanacme-issue@.service',
  'lanacme-credentials.service',
  'lanacme-credentials-serve.service',
])('%s is exposed to 1.5 at most', async (unit) => {
  const judged = await host.debian.sh(
    `systemd-analyze security --offline=yes --no-pager /usr/lib/systemd/system/${unit}`,
  );
  const [, exposure = ''] = /exposure level for \S+: ([0-9.]+)/.exec(judged) ?? [];
  process.stdout.write(`${unit}: exposure ${exposure}\n`);
  expect(Number(exposure)).toBeGreaterThan(0);
  expect(Number(exposure)).toBeLessThanOrEqual(1.5);
});

test('with a key by LoadCredential=, a key group, a metrics file and a proxy, all of it works inside', async () => {
  const { debian } = host;
  for (const unit of ['lanacme-renew.service', issue])
    await debian.write(`/etc/systemd/system/${unit}.d/host.conf`, dropIn);
  await debian.write('/usr/local/sbin/hook', hook, 0o755);
  await debian.sh('groupadd --system --force ssl-cert && usermod --append --groups ssl-cert lanacme');
  await debian.sh('install --directory --owner=lanacme /srv/metrics && chown root: /etc/lanacme/device.key');
  await debian.sh('systemctl daemon-reload');
  await debian.sh(`systemctl start '${issue}'`);
  await debian.until('grep -qx done /etc/ssl/noted');
  await host.makeDue(name);
  await debian.sh('systemctl stop lanacme-renew.timer && systemctl start lanacme-renew.service');
  const key = `/var/lib/lanacme/live/${name}/privkey.pem`;
  expect(await debian.sh(`stat --format='%U %G %a' ${key} && readlink /var/lib/lanacme/live/${name}`)).toBe(
    `lanacme ssl-cert 640\n../archive/${name}/0002`,
  );
  expect(await debian.sh('cat /srv/metrics/lanacme.prom')).toContain('lanacme_');
  expect(proxy.targets).toContain(new URL(`https://${host.world.iot.endpoint}`).host);
});

test('hooks of root write and reload what they like, and do not see what orders certificates', async () => {
  // Not until it is inactive: so it is, too, before it has been started.
  await host.rest();
  expect(await host.debian.sh('cat /etc/ssl/noted')).toBe('done');
});

test('nothing was refused on the way', async () => {
  const said = await host.debian.journal('--unit=lanacme-*', '--output=cat');
  expect(said).toContain('installed version 0002');
  expect(said).not.toMatch(/not permitted|EPERM|SIGSYS|permission denied|unexpected|failed/i);
});

test('units of npm do not take the place of the package’s', async () => {
  const refused = await host.debian.attempt('lanacme systemd install');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toContain('systemd.packaged');
  expect(await host.debian.sh('lanacme systemd uninstall')).toContain('nothing to do');
  expect(await host.debian.sh('systemctl cat lanacme-renew.service')).toMatch(
    /^# \/usr\/lib\/systemd\/system\//,
  );
});
