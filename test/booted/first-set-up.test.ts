/** From nothing to a certificate that nginx serves, by the lines that the documentation has an administrator type. */
import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';
import { getOnce, untilServed } from './tls-client.ts';

const name = 'nas.lan.example';
const host = useLanHost();

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

test('the env file filled in, the timer enabled, a certificate is issued, and nginx serves it', async () => {
  await host.debian.sh('cat > /etc/lanacme/lanacme.env', await host.envFile());
  await host.debian.sh('systemctl enable --now lanacme-renew.timer');
  const issued = await host.debian.attempt(`sudo lanacme issue --domain ${name}`);
  expect(issued).toMatchObject({ code: 0 });
  await host.serve(name);
  const root = await host.world.pebble.issuerRootPem();
  const live = new X509Certificate(await host.certificate(name));
  await untilServed({ port: host.port, servername: name }, live.serialNumber);
  await getOnce({ port: host.port, name, root });
  const status = JSON.parse(await host.debian.sh('sudo lanacme status --json')) as unknown;
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
