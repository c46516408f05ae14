/** A host that boots for the first time: no certificate yet, no hand, and at first not even a CA. */
import { readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';

const name = 'kiosk.lan.example';
const issue = `lanacme-issue@${name}.service`;
const host = useLanHost();

beforeAll(async () => {
  await host.setUp();
  await host.debian.write(
    '/etc/lanacme/deploy.d/note',
    '#!/bin/sh\necho "$LANACME_HOOK_NAME" >> /root/deployed\n',
    0o755,
  );
});

test('enabled, and nobody answers: it is tried again until the certificate exists, and then deployed', async () => {
  const right = await host.debian.sh('cat /etc/lanacme/lanacme.env');
  // As when the uplink is down: the port is that of nobody.
  const wrong = right.replace(/^(LANACME_IOT_ENDPOINT=.*):\d+$/m, '$1:9');
  expect(wrong).not.toBe(right);
  await host.debian.sh('cat > /etc/lanacme/lanacme.env', wrong);
  const soon = '[Service]\nRestartSec=5\nRestartMaxDelaySec=6\n';
  await host.debian.write('/etc/systemd/system/lanacme-issue@.service.d/soon.conf', soon);
  await host.debian.sh(`systemctl enable ${issue}`);
  await host.debian.powerCut();
  await host.debian.boot();
  // Between two attempts: the next finds what is right.
  await host.debian.until(`systemctl show --property=SubState --value ${issue} | grep -qx auto-restart`);
  expect(await host.debian.journal(`--unit=${issue}`, '--output=cat')).toContain('code=credentials.');

  await host.debian.sh('cat > /etc/lanacme/lanacme.env', right);
  await host.debian.until(`test -e /var/lib/lanacme/live/${name}/fullchain.pem`);
  await host.debian.until(`grep -qx ${name} /root/deployed`);
  await host.rest();
  expect(await host.debian.sh('systemctl list-units --failed --plain --no-legend')).toBe('');
  expect((await host.world.counts()).acme.newOrder).toBe(1);
});

test('at the next boot it finds the certificate in place and asks nobody', async () => {
  await host.world.forgetRequests();
  await host.debian.powerCut();
  await host.debian.boot();
  await host.debian.until(`journalctl --boot --quiet --unit=${issue} --grep=Finished`);
  await host.rest();
  expect(await host.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
  expect(await host.debian.sh('cat /root/deployed')).toBe(name);
});

test('three first certificates at once: each is deployed, also those that come while another is', async () => {
  const names = ['a', 'b', 'c'].map((label) => `${label}.lan.example`);
  const units = names.map((each) => `lanacme-issue@${each}.service`).join(' ');
  await host.debian.sh(`systemctl start --no-block ${units}`);
  for (const each of names) await host.debian.until(`test -e /var/lib/lanacme/live/${each}/fullchain.pem`);
  await host.rest();
  expect((await host.debian.sh('cat /root/deployed')).split('\n').sort()).toEqual([...names, name]);
});

test('other names than that of the unit, by a drop-in', async () => {
  await host.debian.write(
    '/etc/systemd/system/lanacme-issue@all.service.d/names.conf',
    '[Service]\nEnvironment=LANACME_DOMAIN=*.lan.example,lan.example\n',
  );
  await host.debian.sh('systemctl daemon-reload && systemctl start lanacme-issue@all.service');
  const status = JSON.parse(await host.debian.sh('lanacme status all --json')) as unknown;
  expect(status).toMatchObject({
    certificates: [{ name: 'all', domains: ['*.lan.example', 'lan.example'] }],
  });
});

test.for(['LoadCredential', 'LoadCredentialEncrypted'])(
  'the device key by %s=, and no file for lanacme',
  async (how) => {
    const [key, stored] = ['/etc/lanacme/device.key', `/etc/lanacme/by-${how}`];
    if (how === 'LoadCredential') await host.debian.sh(`install -m 0600 ${key} ${stored}`);
    else await host.debian.sh(`systemd-creds encrypt --name=device.key ${key} ${stored}`);
    await host.debian.sh(`mv ${key} /root/`);
    await host.debian.write(
      '/etc/systemd/system/lanacme-renew.service.d/key.conf',
      `[Service]\n${how}=device.key:${stored}\n`,
    );
    const env = host.debian.path('/etc/lanacme/lanacme.env');
    const before = await readFile(env, 'utf8');
    await writeFile(env, before.replace(/^LANACME_IOT_KEY=.*$/m, 'LANACME_IOT_KEY=credential:device.key'));
    const pem = await host.certificate(name);
    await host.debian.sh('systemctl daemon-reload');
    await host.hasten();
    await host.makeDue(name);
    await host.untilReplaced(name, pem);
    await host.rest();
    await writeFile(env, before);
    await host.debian.sh(`mv /root/device.key ${key}`);
  },
);

test('the example that tells of a failure, tells', async () => {
  const examples = '/usr/share/doc/lanacme/examples';
  await host.debian.sh(`cp ${examples}/lanacme-failure@.service /etc/systemd/system/`);
  await host.debian.write(
    '/etc/systemd/system/lanacme-renew.service.d/tell.conf',
    '[Unit]\nOnFailure=lanacme-failure@%n.service\n',
  );
  const env = await host.debian.sh('cat /etc/lanacme/lanacme.env');
  await host.debian.sh('cat > /etc/lanacme/lanacme.env', env.replace(/^LANACME_ZONE=.*$/m, ''));
  await host.hasten();
  await host.debian.sh('systemctl start lanacme-renew.timer');
  await host.debian.until(
    'journalctl --quiet --identifier=lanacme --priority=err --grep="lanacme-renew.service failed"',
  );
  await host.rest();
});
