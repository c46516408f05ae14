/** A run that ends while Route 53 is still PENDING: by its administrator, or because the power goes. */
import { beforeAll, expect, test } from 'vitest';
import { useLanHost } from './lan-host.ts';

const name = 'nas.lan.example';
const host = useLanHost();
let clean = '';

beforeAll(async () => {
  clean = host.world.snapshot();
  await host.setUp();
  // Of two names: Pebble takes one proved before for granted, once in a hundred times, and there would be no change to wait for.
  await host.debian.sh(`sudo lanacme issue --domain ${name} --domain "*.${name}"`);
  await host.hasten();
  await host.debian.sh('systemctl enable lanacme-renew.timer');
});

/** By the timer, until its challenge is published; it is not INSYNC before the test says so. */
async function renewUntilPending(): Promise<void> {
  host.world.store.delayMs = 24 * 3_600_000;
  await host.makeDue(name);
  await expect.poll(() => host.world.snapshot(), { timeout: 120_000 }).toContain('_acme-challenge');
}

function becomeInSync(): void {
  host.world.store.delayMs = 0;
  host.world.store.syncAll();
}

test('stopped by systemctl, it cleans the zone before it ends, and has not failed', async () => {
  await renewUntilPending();
  await host.debian.sh('systemctl stop lanacme-renew.timer lanacme-renew.service');
  expect(host.world.snapshot()).toBe(clean);
  await host.rest();
  expect(await host.debian.sh('systemctl list-units --failed --plain --no-legend')).toBe('');
  becomeInSync();
});

test('cut while PENDING, the next run after the boot cleans the zone and finishes', async () => {
  const before = await host.certificate(name);
  await renewUntilPending();
  await host.debian.powerCut();

  expect(host.world.snapshot()).toContain('_acme-challenge');
  becomeInSync();
  await host.debian.boot();
  await host.untilReplaced(name, before);
  // While it boots, its first run may come before nginx, which is then reloaded by the next.
  await host.debian.until(`lanacme status ${name} --json | grep -q '"deployed":true'`);
  await host.rest();

  expect(host.world.snapshot()).toBe(clean);
  expect(await host.debian.sh('ls -A /var/lib/lanacme/journal')).toBe('');
  const status = JSON.parse(await host.debian.sh('lanacme status --json')) as unknown;
  expect(status).toMatchObject({ certificates: [{ name, deployed: true }], errors: [] });
  expect(await host.debian.sh('find /var/lib/lanacme -not -user lanacme')).toBe('');
});
