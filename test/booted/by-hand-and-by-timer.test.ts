/** A person with sudo and the timer work on one state folder, and neither stands in the other's way. */
import { beforeAll, expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';

const name = 'nas.lan.example';
const state = '/var/lib/lanacme';
const host = useLanHost();

beforeAll(async () => {
  await host.setUp();
  await host.hasten();
});

async function allIsLanacmes(): Promise<void> {
  expect(await host.debian.sh(`find ${state} -not '(' -user lanacme -group lanacme ')'`)).toBe('');
  expect(await host.debian.sh('find /var/lib/lanacme-deploy -not -user root')).toBe('');
}

async function renewByTimer(): Promise<void> {
  const before = await host.certificate(name);
  await host.makeDue(name);
  await host.untilReplaced(name, before);
  await host.rest();
  await allIsLanacmes();
}

test('issued by hand as root, everything belongs to lanacme', async () => {
  expect(await host.debian.attempt(`sudo lanacme issue --domain ${name} --domain "*.${name}"`)).toMatchObject(
    { code: 0 },
  );
  await allIsLanacmes();
  expect(await host.debian.sh(`stat -c '%U:%G %a' ${state} /var/lib/lanacme-deploy`)).toBe(
    'lanacme:lanacme 711\nroot:root 755',
  );
});

test('renewed by the timer, and again by hand: both succeed, and it still belongs to lanacme', async () => {
  await renewByTimer();
  const before = await host.certificate(name);
  expect(await host.debian.attempt(`sudo lanacme renew ${name} --force`)).toMatchObject({ code: 0 });
  expect(await host.certificate(name)).not.toBe(before);
  await allIsLanacmes();
  await renewByTimer();
  expect((await host.world.counts()).acme.newAccount).toBe(1);
});

test('a person while the timer runs: one waits for the other, and the certificate is ordered once', async () => {
  const orders = (await host.world.counts()).acme.newOrder ?? 0;
  const before = await host.certificate(name);
  host.world.store.delayMs = Infinity;
  await host.makeDue(name);
  // The lock names who holds it.
  await host.debian.until(`grep -q renew ${state}/lock`);
  const byHand = host.debian.attempt(`sudo lanacme renew`);
  // Of the one who waits: once the lock is had, flock(1) has ended.
  await host.debian.until('pgrep --euid lanacme --exact flock');
  host.world.store.delayMs = 300;
  host.world.store.syncAll();
  expect(await byHand).toMatchObject({ code: 0 });
  await host.rest();
  expect(await host.certificate(name)).not.toBe(before);
  expect((await host.world.counts()).acme.newOrder).toBe(orders + 1);
  expect(host.world.snapshot()).not.toContain('_acme-challenge');
  await allIsLanacmes();
});

test("a state folder that was root's, from before the package, is given to lanacme by its first run", async () => {
  await host.rest();
  await host.debian.sh(`chown -R root:root ${state} /etc/lanacme/device.key`);
  const other = 'old.lan.example';
  expect(await host.debian.attempt(`sudo lanacme issue --domain ${other}`)).toMatchObject({ code: 0 });
  expect(await host.debian.sh(`stat -c %U ${state}/live/${other}/privkey.pem`)).toBe('root');
  // The env file of the package says so.
  await host.debian.sh('chown lanacme: /etc/lanacme/device.key');
  await renewByTimer();
  expect(await host.debian.sh('lanacme status --check-expiry 1')).toContain(other);
});
