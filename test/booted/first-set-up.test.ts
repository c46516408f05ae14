/** From nothing to a certificate that nginx serves, by the lines that the README has an administrator type and write. */
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { blocksOf, readBlocks } from '../support/pages.ts';
import { useLanHost } from './lan-host.ts';
import { follow } from './page.ts';
import { getOnce, untilServed } from './tls-client.ts';

const name = 'dashboard.lan.example';
const host = useLanHost();
const blocks = blocksOf(await readBlocks('../README.md'), 'First set-up on AWS');
/** The one block in which this stands. */
function blockWith(words: string): (typeof blocks)[number] {
  const [block, ...others] = blocks.filter(({ text }) => text.includes(words));
  if (block === undefined || others.length > 0) throw new Error(`not one block of the README has ${words}`);
  return block;
}

test('the package installs without a question and starts nothing', async () => {
  const said = await host.install();
  expect(said).toMatch(/Setting up lanacme/);
  expect(said).not.toMatch(/error|warning|fail|denied/i);
  expect(await host.debian.sh('lanacme --version')).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await host.debian.sh('lanacme issue --help')).toContain('--iot-endpoint');
  expect((await host.debian.attempt('systemctl is-enabled lanacme-renew.timer')).stdout).toBe('disabled\n');
  expect(await host.debian.sh('stat -c "%U:%G %a" /etc/lanacme /etc/lanacme/lanacme.env')).toBe(
    'root:lanacme 750\nroot:lanacme 640',
  );
});

test('with an empty env file it says what is missing', async () => {
  const early = await host.debian.attempt(`sudo lanacme issue --domain ${name}`);
  expect(early.code).toBe(2);
  expect(early.stderr).toContain('LANACME_ZONE');
});

test('the key is made on the host, for user lanacme alone', async () => {
  const [onTheHost = ''] = blockWith('openssl req').text.split('# where your AWS rights are');
  await follow(host.debian, [{ text: onTheHost }]);
  expect(await host.debian.sh('stat -c "%U:%G %a" /etc/lanacme/device.key')).toBe('lanacme:lanacme 600');
  await host.debian.sh('grep -q "BEGIN CERTIFICATE REQUEST" /tmp/device.csr');
});

test('its lines of the env file are all that this host needs to be told', async () => {
  // The identity that AWS knows here takes the place of the one that was just made.
  const env = await host.envFile({ LANACME_DEPLOY_HOOK: undefined });
  const told = variablesOf(blockWith('LANACME_IOT_ROLE_ALIAS=').text);
  // Where the CA and AWS are, which nobody else has to say.
  const ofTheWorld = /^(LANACME_(SERVER|SERVER_CA|NAME_SERVERS|IOT_CA)|AWS_\w+)$/;
  expect(
    variablesOf(env)
      .filter((variable) => !ofTheWorld.test(variable))
      .toSorted(),
  ).toEqual(told.toSorted());
  await host.debian.sh('cat > /etc/lanacme/lanacme.env', env);
});

test('a trial, a certificate, the lines for nginx, a hook, the timer', async () => {
  const { debian } = host;
  await follow(debian, [blockWith('--name trial')], {
    'letsencrypt-staging': host.world.pebble.directoryUrl,
  });
  expect(await debian.sh('ls /var/lib/lanacme/live')).toBe(name);
  await host.serve(name);
  const site = await debian.sh('cat /etc/nginx/sites-enabled/lan');
  for (const line of blockWith('ssl_certificate_key').text.trimEnd().split('\n'))
    expect(site).toContain(line);
  const hook = blockWith('LANACME_DEPLOY_HOOK=');
  await follow(debian, [hook]);
  const before = JSON.parse(await debian.sh('sudo lanacme status --json')) as unknown;
  expect(before).toMatchObject({ certificates: [{ name, deployed: false, domains: [name] }], errors: [] });
  for (const block of blocks.slice(blocks.indexOf(hook) + 1)) await follow(debian, [block]);
  expect(await debian.sh('systemctl is-enabled lanacme-renew.timer')).toBe('enabled');
  const root = await host.world.pebble.issuerRootPem();
  const live = new X509Certificate(await host.certificate(name));
  await untilServed({ port: host.port, servername: name }, live.serialNumber);
  await getOnce({ port: host.port, name, root });
  const status = JSON.parse(await debian.sh('sudo lanacme status --json')) as unknown;
  expect(status).toMatchObject({ certificates: [{ name, deployed: true, domains: [name] }], errors: [] });
});

test('a hook by flag is not run as root, and says where it belongs', async () => {
  const hook = "--deploy-hook 'systemctl reload nginx'";
  const issued = await host.debian.attempt(`sudo lanacme issue --domain ${name} ${hook} --log-format pretty`);
  expect(issued.code).toBe(1);
  expect(issued.stderr).toMatch(
    /it ran as user lanacme \(id \d+\): what only root may do belongs into the env file/,
  );
  // And it can be taken back.
  const taken = await host.debian.attempt(`sudo lanacme issue --domain ${name} --deploy-hook true`);
  expect(taken).toMatchObject({ code: 0 });
});

test('a mistake in what is typed leaves no certificate that every run would fail for', async () => {
  const mistyped = await host.debian.attempt(
    'sudo lanacme issue --domain x.lan.example --key-group no-such-group',
  );
  expect(mistyped.code).toBe(2);
  expect(mistyped.stderr).toContain('groupadd --system no-such-group');
  await host.debian.sh('systemctl start lanacme-renew.service');
  expect(await host.debian.sh('lanacme status x.lan.example --json || true')).toContain('"certificates":[]');
});

test('the timer is enabled for every hour, also across a boot', async () => {
  await host.debian.powerCut();
  await host.debian.boot();
  expect(await host.debian.sh('systemctl is-active lanacme-renew.timer')).toBe('active');
  // If the hour is over just now, it starts a run, and has no next time before that has ended.
  await host.debian.until(
    'test "$(systemctl show --property=SubState --value lanacme-renew.timer)" = waiting',
  );
  const next = await host.debian.sh(
    'systemctl show --property=NextElapseUSecRealtime --value lanacme-renew.timer',
  );
  const inHours = (Date.parse(next.replace(/^\w+ /, '').replace(' UTC', 'Z')) - Date.now()) / 3_600_000;
  expect(inHours).toBeGreaterThan(0);
  expect(inHours).toBeLessThanOrEqual(1.25);
  const root = await host.world.pebble.issuerRootPem();
  const live = new X509Certificate(await host.certificate(name));
  await untilServed({ port: host.port, servername: name }, live.serialNumber);
  await getOnce({ port: host.port, name, root });
});

function variablesOf(lines: string): readonly string[] {
  return Array.from(lines.matchAll(/^(\w+)=/gm), ([, variable = '']) => variable);
}
