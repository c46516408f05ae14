/** A host that certbot of Debian 13 has served, taken over: by the package, by sudo, and then by the timer. */
import { X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { policyFor } from '../world/world-policies.ts';
import { useLanHost } from './lan-host.ts';
import { follow, readPage, stepsOf } from './page.ts';
import { getOnce, untilServed } from './tls-client.ts';

const [httpPort = 0] = await freePorts(1);
const host = useLanHost(
  {
    pebble: { config: { httpPort } },
    records: [{ name: 'web.lan.example', type: 'A', ttl: 60, values: ['127.0.0.1'] }],
  },
  { packages: ['certbot', 'python3-certbot-dns-route53'] },
);
const state = '/var/lib/lanacme';
const hooks = '/etc/lanacme/deploy.d';
const said = '/root/said';

let environment: string;

async function certbot(...args: readonly string[]): Promise<string> {
  const { directoryUrl } = host.world.pebble;
  const command = ['certbot', 'certonly', '--non-interactive', '--server', directoryUrl, ...args];
  return await host.debian.sh(`${environment} ${command.map((arg) => `'${arg}'`).join(' ')} 2>&1`);
}

const lanacme = async (args: string) => await host.debian.attempt(`sudo lanacme ${args}`);

interface Printed {
  readonly certificates: readonly {
    readonly name: string;
    readonly keyType: string;
    readonly deployed: boolean;
  }[];
  readonly errors: readonly { readonly code: string; readonly certificate: string }[];
  readonly imported: readonly string[];
  readonly present: readonly string[];
  readonly accounts: readonly { readonly url: string; readonly state: string }[];
  readonly hooks: readonly { readonly path: string; readonly state: string }[];
}
const json = async (args: string) => JSON.parse((await lanacme(`${args} --json`)).stdout) as Printed;

/** Everything below a folder: names, owners, modes, links, times and contents. */
const everythingIn = async (path: string) =>
  await host.debian.sh(
    `cd ${path} && find . -printf '%p %U:%G %m %l %T@\\n' | sort && find . -type f -exec sha256sum {} + | sort`,
  );

beforeAll(async () => {
  const { world, debian } = host;
  await host.setUp({ LANACME_DEPLOY_HOOK: undefined });
  const findZones = {
    Sid: 'Find',
    Effect: 'Allow',
    Action: 'route53:ListHostedZones',
    Resource: '*',
  } as const;
  const { accessKeyId, secretAccessKey } = world.sessions.addUser('certbot', [
    policyFor('whole zone', world.zone),
    { Version: '2012-10-17', Statement: [findZones] },
  ]);
  await debian.write('/root/acme-ca.pem', world.pebble.caPem);
  environment = [
    `AWS_ENDPOINT_URL_ROUTE_53=${world.route53.url}`,
    `AWS_ACCESS_KEY_ID=${accessKeyId}`,
    `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`,
    'AWS_DEFAULT_REGION=us-east-1',
    'REQUESTS_CA_BUNDLE=/root/acme-ca.pem',
  ].join(' ');
  await debian.write('/etc/letsencrypt/renewal-hooks/deploy/10-note', `#!/bin/sh\n${note('all')}\n`, 0o755);
  await debian.write('/root/auth', manualHook(world.zone.id), 0o755);
});

/** The hook's user and variables, a line for each run. */
function note(file: string): string {
  return `echo "$(id -u) $RENEWED_LINEAGE $RENEWED_DOMAINS" >> ${said}-${file}`;
}

/** What a person who does not know the plug-in gives as `--manual-auth-hook`. */
function manualHook(zoneId: string): string {
  return `#!/usr/bin/python3
import os
import boto3
client = boto3.client('route53')
record = {'Name': '_acme-challenge.' + os.environ['CERTBOT_DOMAIN'], 'Type': 'TXT', 'TTL': 10,
          'ResourceRecords': [{'Value': '"' + os.environ['CERTBOT_VALIDATION'] + '"'}]}
change = client.change_resource_record_sets(HostedZoneId='${zoneId}',
    ChangeBatch={'Changes': [{'Action': 'UPSERT', 'ResourceRecordSet': record}]})
waiter = client.get_waiter('resource_record_sets_changed')
waiter.wait(Id=change['ChangeInfo']['Id'], WaiterConfig={'Delay': 1})
`;
}

test('certbot gets certificates in every way that it has', async () => {
  const hook = `${note('nas')} && systemctl reload nginx # "a, b"`;
  await certbot(
    '--agree-tos',
    '--email',
    'admin@lan.example',
    '--dns-route53',
    '-d',
    'nas.lan.example',
    '--deploy-hook',
    hook,
  );
  await certbot(
    '--dns-route53',
    '-d',
    '*.lan.example,lan.example',
    '--cert-name',
    'wild',
    '--key-type',
    'rsa',
    '--rsa-key-size',
    '3072',
    '--reuse-key',
  );
  await certbot(
    '--manual',
    '--preferred-challenges',
    'dns',
    '--manual-auth-hook',
    '/root/auth',
    '-d',
    'by-hand.lan.example',
    '--elliptic-curve',
    'secp384r1',
  );
  await certbot(
    '--standalone',
    '--http-01-port',
    String(httpPort),
    '-d',
    'web.lan.example',
    '--elliptic-curve',
    'secp521r1',
    '--pre-hook',
    'true',
  );
  expect(await host.debian.sh('ls /etc/letsencrypt/renewal')).toBe(
    ['by-hand.lan.example.conf', 'nas.lan.example.conf', 'web.lan.example.conf', 'wild.conf'].join('\n'),
  );
});

test('a dry run says what would be taken over, and changes nothing', async () => {
  const before = await everythingIn(state);
  const told = await lanacme('import certbot --dry-run');
  expect(told.code).toBe(1);
  expect(told.stdout).toContain('nas.lan.example: would be imported');
  expect(told.stdout).toContain(`its hook would be ${hooks}/from-certbot-nas.lan.example`);
  expect(told.stdout).toContain('/root/auth are not taken over');
  expect(told.stderr).toContain('EC secp521r1');
  expect(await everythingIn(state)).toBe(before);
  expect(await host.debian.sh(`ls ${hooks}`)).toBe('');
});

test('the import copies all but the key that lanacme makes none of, and certbot has what it had', async () => {
  const before = await everythingIn('/etc/letsencrypt');
  const printed = await json('import certbot');
  expect(printed.imported).toEqual(['by-hand.lan.example', 'nas.lan.example', 'wild']);
  expect(printed.errors.map(({ code, certificate }) => [code, certificate])).toEqual([
    ['import.key-type', 'web.lan.example'],
  ]);
  expect(printed.certificates.map(({ keyType }) => keyType)).toEqual(['ec384', 'ec256', 'rsa3072']);
  expect(printed.hooks.map(({ path, state: its }) => [path, its])).toEqual([
    [`${hooks}/certbot-10-note`, 'written'],
    [`${hooks}/from-certbot-nas.lan.example`, 'written'],
  ]);
  expect(await everythingIn('/etc/letsencrypt')).toBe(before);
  for (const name of printed.imported) {
    const path = `live/${name}/fullchain.pem`;
    await host.debian.sh(`cmp /etc/letsencrypt/${path} ${state}/${path}`);
  }
});

test('it belongs to lanacme, who has no word in what root runs', async () => {
  expect(await host.debian.sh(`find ${state} -not '(' -user lanacme -group lanacme ')'`)).toBe('');
  expect(
    await host.debian.sh(`stat -c '%U %a' ${state}/live/wild/privkey.pem ${state}/accounts/*/key.pem`),
  ).toBe('lanacme 600\nlanacme 600');
  expect(await host.debian.sh(`stat -c '%U:%G %a' ${hooks} ${hooks}/*`)).toBe(
    'root:root 755\nroot:root 755\nroot:root 755',
  );
  expect(await host.debian.sh(`grep -h '"deployHooks": \\[\\]' ${state}/certificates/*.json | wc -l`)).toBe(
    '3',
  );
});

test('once more: everything is there; without what is left, it ends with 0', async () => {
  const before = await everythingIn(`${state}/archive`);
  expect(await json('import certbot')).toMatchObject({
    imported: [],
    present: ['by-hand.lan.example', 'nas.lan.example', 'wild'],
    accounts: [{ state: 'present' }],
    hooks: [],
  });
  await host.debian.sh('certbot delete --non-interactive --cert-name web.lan.example');
  expect(await lanacme('import certbot')).toMatchObject({ code: 0 });
  expect(await everythingIn(`${state}/archive`)).toBe(before);
});

test('the page for those who come from certbot, done by the letter', async () => {
  const { debian, port } = host;
  const site = `server {
  listen 127.0.0.1:${port} ssl;
  ssl_certificate     /etc/letsencrypt/live/nas.lan.example/fullchain.pem;
  ssl_certificate_key /etc/letsencrypt/live/nas.lan.example/privkey.pem;
  return 200 nas.lan.example;
}
`;
  await debian.write('/etc/nginx/sites-available/nas', site);
  await debian.sh('ln -s ../sites-available/nas /etc/nginx/sites-enabled/ && systemctl reload nginx');
  await debian.sh('systemctl enable --now certbot.timer');
  // What certbot has run.
  await debian.sh(`rm ${said}-*`);
  const page = await readPage('from-certbot.md');
  for (const section of page.keys()) await follow(debian, stepsOf(page, section));
  expect(await debian.sh('cat /etc/nginx/sites-enabled/nas')).toBe(
    site.replaceAll('/etc/letsencrypt', state).trimEnd(),
  );
  expect((await debian.attempt('systemctl is-active certbot.timer lanacme-renew.timer')).stdout).toBe(
    'inactive\nactive\n',
  );
});

test('the hooks of certbot have run as root, each for what it is for', async () => {
  expect(await host.debian.sh(`cat ${said}-nas`)).toBe(`0 ${state}/live/nas.lan.example nas.lan.example`);
  expect(await host.debian.sh(`sort ${said}-all`)).toBe(
    [
      `0 ${state}/live/by-hand.lan.example by-hand.lan.example`,
      `0 ${state}/live/nas.lan.example nas.lan.example`,
      `0 ${state}/live/wild *.lan.example lan.example`,
    ].join('\n'),
  );
  const { certificates, errors } = await json('status --check-expiry 30');
  expect([errors, certificates.map(({ deployed }) => deployed)]).toEqual([[], [true, true, true]]);
});

test('the timer renews it when it is due, by the account that certbot made, and nginx serves it', async () => {
  const name = 'nas.lan.example';
  await host.world.forgetRequests();
  const before = await host.certificate(name);
  await host.hasten();
  await host.makeDue(name);
  await host.untilReplaced(name, before);
  await host.debian.until(`test "$(wc -l < ${said}-nas)" = 2`);
  await host.rest();
  const { acme } = await host.world.counts();
  expect([acme.newOrder, acme.newAccount]).toEqual([1, undefined]);
  const live = new X509Certificate(await host.certificate(name));
  const root = await host.world.pebble.issuerRootPem();
  await untilServed({ port: host.port, servername: name }, live.serialNumber);
  await getOnce({ port: host.port, name, root });
  expect(host.world.snapshot()).not.toContain('lanacme');
});

test('in a state folder of its own, root keeps the hook of a certificate with the certificate', async () => {
  const own = '/root/lanacme';
  const args = `import certbot --state-dir ${own}`;
  expect(await json(args)).toMatchObject({
    imported: expect.arrayContaining(['nas.lan.example']) as unknown,
  });
  expect(
    await host.debian.sh(
      `grep -c 'said-nas && systemctl reload nginx' ${own}/certificates/nas.lan.example.json`,
    ),
  ).not.toBe('0');
  expect(await host.debian.sh(`ls ${hooks}`)).toBe('certbot-10-note\nfrom-certbot-nas.lan.example');
});

test('whatever others could have put into the folder of certbot is refused', async () => {
  await host.debian.sh('cp -a /etc/letsencrypt /srv/letsencrypt && chmod o+w /srv/letsencrypt/live');
  const args = '/srv/letsencrypt --state-dir /root/other';
  const { imported, errors } = await json(`import certbot ${args}`);
  expect(imported).toEqual([]);
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(['import.unsafe']));
  expect((await host.debian.attempt('sudo -u lanacme lanacme import certbot')).stderr).toContain(
    'run it as root',
  );
});
