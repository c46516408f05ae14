/** A host with a certificate of a private CA in place of a thing: its env file says so, its units do what they did. */
import { beforeAll, expect, test } from 'vitest';
import { makeToken, movePort, socketUnit } from './credentials-endpoint.ts';
import { useLanHost } from './lan-host.ts';

const name = 'dashboard.lan.example';
const host = useLanHost({ identity: 'roles-anywhere', policy: 'own challenge' });

beforeAll(async () => {
  await host.setUp();
});

test('a certificate is issued by hand, and status says until when the identity is good', async () => {
  expect(await host.debian.sh('cat /etc/lanacme/lanacme.env')).toContain(
    'LANACME_CREDENTIALS=roles-anywhere\n',
  );
  expect(await host.debian.attempt(`sudo lanacme issue --domain ${name}`)).toMatchObject({ code: 0 });
  expect(await host.debian.sh('sudo lanacme status')).toMatch(/^Roles Anywhere certificate for AWS {2}/m);
});

test('the timer renews it, with the key by LoadCredential=, which lanacme itself cannot read', async () => {
  const key = '/etc/lanacme/device.key';
  await host.debian.sh(`chown root: ${key}`);
  const byCredential = await host.envFile({ LANACME_ROLES_ANYWHERE_KEY: 'credential:device.key' });
  await host.debian.sh(`chown root: ${key} && cat > /etc/lanacme/lanacme.env`, byCredential);
  for (const unit of ['renew', 'credentials', 'credentials-serve'])
    await host.debian.write(
      `/etc/systemd/system/lanacme-${unit}.service.d/key.conf`,
      `[Service]\nLoadCredential=device.key:${key}\n`,
    );
  await host.hasten();
  const before = await host.certificate(name);
  await host.makeDue(name);
  await host.debian.sh('systemctl start lanacme-renew.timer');
  await host.untilReplaced(name, before);
  await host.rest();
  expect(host.world.snapshot()).not.toContain('_acme-challenge');
  expect(host.world.iot.requests).toEqual([]);
});

test('so does the timer of the credentials file', async () => {
  await host.debian.sh('systemctl start lanacme-credentials.service');
  expect(await host.debian.sh('cat /run/lanacme-credentials/credentials')).toMatch(
    /^\[default\]\n# .*\naws_access_key_id = ASIA/,
  );
});

test('and the endpoint, which has a second credential, its token', async () => {
  const [token, url] = [await makeToken(host, 'root'), await movePort(host)];
  await host.debian.sh(`systemctl start ${socketUnit}`);
  const answer = await fetch(url, { headers: { authorization: token } });
  expect([answer.status, await answer.json()]).toEqual([
    200,
    expect.objectContaining({ RoleArn: host.world.rolesAnywhere.role.arn }),
  ]);
});

test('in the journal is no word of trouble', async () => {
  const said = await host.debian.journal('--identifier=lanacme', '--output=cat', '--priority=warning');
  expect(said).toMatch(/^(-- No entries --)?\n?$/);
});
