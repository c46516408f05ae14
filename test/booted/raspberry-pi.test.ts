/** docs/raspberry-pi.md, done by the letter on a Debian that boots: what Raspberry Pi OS is made of. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { useLanHost } from './lan-host.ts';
import { follow, readPage, stepsOf } from './page.ts';
import { untilServed } from './tls-client.ts';

const name = 'nas.lan.example';
const host = useLanHost({ host: { thingName: 'nas' } }, { packages: ['systemd-timesyncd'] });
const page = await readPage('raspberry-pi.md');
let port: string;

beforeAll(async () => {
  [port] = (await freePorts(1)).map(String) as [string];
  await host.install();
  await host.debian.sh(`echo '127.0.0.1 ${name}' >> /etc/hosts`);
});

/** Does a section; the CA and the port are this machine's. */
async function section(title: string): Promise<void> {
  const changes = { '443': port, 'letsencrypt-staging': host.world.pebble.directoryUrl };
  await follow(host.debian, stepsOf(page, title), changes);
}

async function liveSerial(): Promise<string> {
  return new X509Certificate(await host.certificate(name)).serialNumber;
}

test('the lines of its env file are all that a host needs to be told', async () => {
  const { debian } = host;
  await section('The clock');
  const [request, , lines] = stepsOf(page, 'The identity');
  if (request === undefined || lines === undefined) throw new Error('the page has other steps now');
  await follow(debian, [request]);
  expect(await debian.sh('stat -c "%U %a" /etc/lanacme/device.key')).toBe('lanacme 600');
  await debian.sh('grep -q "BEGIN CERTIFICATE REQUEST" /tmp/device.csr');

  // The identity that AWS knows here, in the place of the one that was just made.
  const env = await host.envFile({ LANACME_DEPLOY_HOOK: undefined });
  const told = [...lines.text.matchAll(/^(LANACME_\w+)=/gm)].map(([, variable]) => variable);
  // Where the CA and AWS are, which nobody else has to say.
  const ofTheWorld = /^(LANACME_(SERVER|SERVER_CA|NAME_SERVERS|IOT_CA)|AWS_\w+)=/;
  const known = env
    .split('\n')
    .filter((line) => ofTheWorld.test(line) || told.includes(line.split('=', 1)[0]));
  await debian.sh('cat >> /etc/lanacme/lanacme.env', `${known.join('\n')}\n`);
  expect(known.filter((line) => !ofTheWorld.test(line))).toHaveLength(told.length);
});

test('a trial, the certificate, a site, a hook, the timer', async () => {
  const { debian } = host;
  await section('The certificate');
  expect(await debian.sh('ls /var/lib/lanacme/live')).toBe(name);
  await untilServed({ port: Number(port), servername: name }, await liveSerial());
  await section('Every hour from now on');
  expect(await debian.sh('systemctl is-active lanacme-renew.timer')).toBe('active');
  expect(JSON.parse(await debian.sh('lanacme status --json'))).toMatchObject({
    certificates: [
      { name, deployed: true, hooks: [{ command: 'systemctl reload nginx' }], served: [{ problem: null }] },
    ],
  });
});

test('a run with nothing to do writes nothing to the state folder', async () => {
  const { debian } = host;
  await debian.sh('systemctl start lanacme-renew.service');
  await debian.until('! systemctl is-active --quiet lanacme-deploy && test -z "$(systemctl list-jobs -q)"');
  await debian.sh('touch /root/before && systemctl start lanacme-renew.service');
  await debian.until('! systemctl is-active --quiet lanacme-deploy && test -z "$(systemctl list-jobs -q)"');
  expect(await debian.sh('find /var/lib/lanacme /var/lib/lanacme-deploy -newer /root/before')).toBe('');
});

test('with a sealed device key the units order, and status and deployment need no key', async () => {
  const { debian } = host;
  await section('The device key, sealed to this Pi');
  expect(await debian.sh('ls /etc/lanacme')).not.toMatch(/^device\.key$/m);
  const force = '[Service]\nEnvironment=LANACME_FORCE=true\n';
  await debian.write('/run/systemd/system/lanacme-renew.service.d/force.conf', force);
  const before = await liveSerial();
  await debian.sh('systemctl daemon-reload && systemctl start lanacme-renew.service');
  await debian.until('! systemctl is-active --quiet lanacme-deploy && test -z "$(systemctl list-jobs -q)"');
  expect(await liveSerial()).not.toBe(before);
  await untilServed({ port: Number(port), servername: name }, await liveSerial());
  await debian.sh('lanacme deploy --force && lanacme status --check-expiry 14');
});
