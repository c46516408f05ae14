/** docs/servers.md, done by the letter with Debian's own servers: they serve the certificate, and the next one, too. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { useLanHost } from './lan-host.ts';
import { follow, readPage, stepsOf } from './page.ts';
import { untilServed } from './tls-client.ts';

const name = 'nas.lan.example';
const host = useLanHost({}, { packages: ['apache2', 'haproxy', 'mosquitto', 'ssl-cert'] });
const page = await readPage('servers.md');

/** Where the page has the usual ports, which another program of this machine may have. */
let ports: Readonly<Record<'443' | '8883', string>>;

beforeAll(async () => {
  const [https, mqtts, http] = (await freePorts(3)).map(String);
  ports = { '443': https ?? '', '8883': mqtts ?? '' };
  await host.setUp({ LANACME_DEPLOY_HOOK: undefined });
  const { debian } = host;
  await debian.sh(`echo '127.0.0.1 ${name}' >> /etc/hosts && cp /etc/lanacme/lanacme.env /root`);
  await debian.sh(
    `sed -i 's/Listen 80$/Listen ${http}/; s/Listen 443$/Listen ${https}/' /etc/apache2/ports.conf`,
  );
  // Each run of the timer's service orders.
  const force = '[Service]\nEnvironment=LANACME_FORCE=true\n';
  await debian.write('/run/systemd/system/lanacme-renew.service.d/force.conf', force);
  await debian.sh('systemctl daemon-reload');
});

async function liveSerial(): Promise<string> {
  return new X509Certificate(await host.certificate(name)).serialNumber;
}

async function servesTheLive(port: number): Promise<void> {
  await untilServed({ port, servername: name }, await liveSerial());
}

/** As the timer does; returns once the hooks have been run and the server was looked at. */
async function renewAsTheTimerDoes(port: number): Promise<void> {
  const before = await liveSerial();
  await host.debian.sh('systemctl start lanacme-renew.service');
  await host.debian.until(
    '! systemctl is-active --quiet lanacme-deploy && test -z "$(systemctl list-jobs -q)"',
  );
  expect(await liveSerial()).not.toBe(before);
  await servesTheLive(port);
  const { certificates } = JSON.parse(await host.debian.sh(`lanacme status --json ${name}`)) as {
    readonly certificates: readonly unknown[];
  };
  expect(certificates).toMatchObject([{ deployed: true, error: null, served: [{ problem: null }] }]);
}

const servers = [
  { title: 'nginx', unit: 'nginx', port: '443' },
  { title: 'Apache', unit: 'apache2', port: '443' },
  { title: 'HAProxy', unit: 'haproxy', port: '443' },
  { title: 'Mosquitto', unit: 'mosquitto', port: '8883' },
] as const;

test.for(servers)('$title serves by the lines of the page, and after a renewal the new one', async (row) => {
  const { debian } = host;
  const port = Number(ports[row.port]);
  await debian.sh('cat /root/lanacme.env > /etc/lanacme/lanacme.env');
  await debian.sh(`lanacme issue --domain ${name} && systemctl start ${row.unit}`);
  await follow(debian, stepsOf(page, row.title), ports);
  await servesTheLive(port);

  await renewAsTheTimerDoes(port);
  await debian.sh(`systemctl stop ${row.unit} && lanacme delete ${name}`);
});

test('Mosquitto could not read the key without the group', async () => {
  const { debian } = host;
  await debian.sh('cat /root/lanacme.env > /etc/lanacme/lanacme.env');
  await debian.sh(`lanacme issue --domain ${name}`);
  expect((await debian.attempt('systemctl restart mosquitto')).code).not.toBe(0);
  const key = `/var/lib/lanacme/live/${name}/privkey.pem`;
  expect((await debian.attempt(`runuser -u mosquitto -- cat ${key}`)).stderr).toMatch(/Permission denied/);
  await debian.sh(`rm /etc/mosquitto/conf.d/tls.conf; lanacme delete ${name}`);
});

test('a line that is taken out of the env file is forgotten by the next issue, not by renew', async () => {
  const { debian } = host;
  await debian.sh('echo LANACME_COMBINED=true >> /etc/lanacme/lanacme.env');
  await debian.sh(`lanacme issue --domain ${name} && test -e /var/lib/lanacme/live/${name}/combined.pem`);
  await debian.sh('cat /root/lanacme.env > /etc/lanacme/lanacme.env');
  await debian.sh(`lanacme renew && test -e /var/lib/lanacme/live/${name}/combined.pem`);
  await debian.sh(`lanacme issue --domain ${name} && test ! -e /var/lib/lanacme/live/${name}/combined.pem`);
  await debian.sh(`lanacme delete ${name}`);
});

test('several servers: each has a hook, and one that fails does not keep the other from being tried', async () => {
  const { debian } = host;
  const [nginx = '', haproxy = ''] = (await freePorts(2)).map(String);
  await debian.sh(
    'cat /root/lanacme.env > /etc/lanacme/lanacme.env; echo LANACME_COMBINED=true >> /etc/lanacme/lanacme.env',
  );
  await debian.sh(`lanacme issue --domain ${name}`);
  await debian.sh(`sed -i 's/${ports['443']}/${nginx}/' /etc/nginx/sites-available/nas`);
  await debian.sh(`sed -i 's/${ports['443']}/${haproxy}/' /etc/haproxy/haproxy.cfg`);
  await debian.sh('systemctl start nginx haproxy');
  await follow(debian, stepsOf(page, 'Several servers, one certificate'));

  await debian.sh('systemctl stop nginx && systemctl start lanacme-renew.service');
  await debian.until('systemctl is-failed --quiet lanacme-deploy');
  await servesTheLive(Number(haproxy));
  await debian.sh('systemctl start nginx && systemctl start lanacme-deploy');
  await servesTheLive(Number(nginx));
});

test('what is written about Proxmox and Home Assistant is at least well-formed', async () => {
  const { debian } = host;
  // Notes what it is called with, which must be one version's.
  const pvenode =
    '#!/bin/sh\necho "$@" > /root/pvenode\nopenssl x509 -noout -in "$3" && openssl pkey -noout -in "$4"\n';
  await debian.write('/usr/bin/pvenode', pvenode, 0o755);
  await debian.sh('rm /etc/lanacme/deploy.d/*');
  await follow(debian, stepsOf(page, 'Proxmox VE'), { 'pve.lan.example': name });
  await debian.sh('lanacme deploy');
  const version = await debian.sh(`realpath /var/lib/lanacme/live/${name}`);
  const expected = `cert set ${version}/fullchain.pem ${version}/privkey.pem --force --restart`;
  expect(await debian.sh('cat /root/pvenode')).toBe(expected);

  const [proxy] = stepsOf(page, 'Home Assistant');
  await follow(debian, proxy === undefined ? [] : [proxy], ports);
  await debian.sh('ln -sf ../sites-available/home-assistant /etc/nginx/sites-enabled/nas && nginx -t');
});
