/** The power goes while Route 53 is still PENDING. After the boot nobody does anything but the timer. */
import { beforeAll, expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';

const name = 'nas.lan.example';
const host = useLanHost();
let clean = '';

beforeAll(async () => {
  clean = host.world.snapshot();
  await host.setUp();
  await host.debian.sh(`sudo lanacme issue --domain ${name}`);
  await host.hasten();
  await host.debian.sh('systemctl enable lanacme-renew.timer');
});

test('cut while PENDING, the next run after the boot cleans the zone and finishes', async () => {
  const before = await host.certificate(name);
  // Longer than the test: it is INSYNC when the test says so.
  host.world.store.delayMs = 24 * 3_600_000;
  await host.makeDue(name);
  await expect.poll(() => host.world.snapshot(), { timeout: 120_000 }).toContain('_acme-challenge');
  await host.debian.powerCut();

  expect(host.world.snapshot()).toContain('_acme-challenge');
  host.world.store.delayMs = 0;
  host.world.store.syncAll();
  await host.debian.boot();
  await host.untilReplaced(name, before);
  await host.rest();

  expect(host.world.snapshot()).toBe(clean);
  expect(await host.debian.sh('ls -A /var/lib/lanacme/journal')).toBe('');
  const status = JSON.parse(await host.debian.sh('lanacme status --json')) as unknown;
  expect(status).toMatchObject({ certificates: [{ name, deployed: true }], errors: [] });
  expect(await host.debian.sh('find /var/lib/lanacme -not -user lanacme')).toBe('');
});
