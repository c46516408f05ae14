/** What the scripts of the package do where a host is not as the others. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { expect, test } from 'vitest';
import { makeDebianPackage } from '../../packaging/debian-package.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { type Debian, useDebian } from './debian.ts';

const debian = useDebian();
const timer = 'lanacme-renew.timer';

/** Brings a version of the package into the Debian, and returns where it is there. */
async function bring(version: string): Promise<string> {
  return await withTempFolder(async (folder) => {
    const { path } = await makeDebianPackage(version, folder);
    const inside = `/root/${basename(path)}`;
    await debian().write(inside, await readFile(path));
    return inside;
  }, 'package');
}

/** As in a chroot or while an image is made: nothing is booted there. */
const notBooted = (command: string): string =>
  `unshare --mount sh -c 'mount -t tmpfs tmpfs /run/systemd && ${command}' 2>&1`;

/** A run that takes its time, in place of an order at a CA that does: until the file is there. */
async function slowRenew(of: Debian): Promise<void> {
  const wait = 'while [ ! -e /run/may-end ]; do sleep 0.1; done; touch /var/lib/lanacme/ended-by-itself';
  const dropIn = `[Service]\nExecStart=\nExecStart=/bin/sh -c "${wait}"\n`;
  await of.write('/etc/systemd/system/lanacme-renew.service.d/slow.conf', dropIn);
  await of.sh('rm -f /run/may-end /var/lib/lanacme/ended-by-itself && systemctl daemon-reload');
  await of.sh('systemctl start --no-block lanacme-renew.service');
  await of.until('systemctl show --property=SubState --value lanacme-renew.service | grep -qx start');
}

test('installed where no systemd runs, it is ready all the same', async () => {
  const said = await debian().sh(notBooted(`dpkg --install ${await bring('1.0.0')}`));
  expect(said).not.toMatch(/error|warning|fail/i);
  expect(await debian().sh("stat -c '%U:%G %a' /etc/lanacme /etc/lanacme/lanacme.env /var/lib/lanacme")).toBe(
    'root:lanacme 750\nroot:lanacme 640\nlanacme:lanacme 711',
  );
  expect(await debian().sh('dpkg --verify lanacme')).toBe('');
  await debian().sh('systemctl daemon-reload');
});

test('whoever wants other rights for the env file says so to dpkg', async () => {
  await debian().sh('dpkg-statoverride --update --add root root 0600 /etc/lanacme/lanacme.env');
  await debian().sh('dpkg-reconfigure lanacme 2>&1');
  expect(await debian().sh("stat -c '%U:%G %a' /etc/lanacme/lanacme.env")).toBe('root:root 600');
  await debian().sh('dpkg-statoverride --remove /etc/lanacme/lanacme.env && dpkg-reconfigure lanacme 2>&1');
  expect(await debian().sh("stat -c '%U:%G %a' /etc/lanacme/lanacme.env")).toBe('root:lanacme 640');
});

test('an upgrade waits for a run that is under way, and the timer goes on', async () => {
  const newer = await bring('1.1.0');
  await debian().sh(`systemctl enable --now ${timer}`);
  await slowRenew(debian());
  const upgrading = debian().sh(`dpkg --install ${newer} 2>&1`);
  await debian().until('pgrep --full [l]anacme.prerm');
  expect(await debian().sh('lanacme --version')).toBe('1.0.0');
  await debian().sh('touch /run/may-end');
  await upgrading;
  await debian().sh('test -e /var/lib/lanacme/ended-by-itself');
  expect(await debian().sh('lanacme --version')).toBe('1.1.0');
  expect(await debian().sh('systemctl show --property=Result --value lanacme-renew.service')).toBe('success');
  expect(await debian().sh(`systemctl is-enabled ${timer} && systemctl is-active ${timer}`)).toBe(
    'enabled\nactive',
  );
});

test('a removal ends what runs, and another installation goes on with what was enabled', async () => {
  await slowRenew(debian());
  const first = 'lanacme-issue@nas.lan.example.service';
  await debian().sh(`systemctl start --no-block ${first}`);
  await debian().until(`systemctl show --property=SubState --value ${first} | grep -qx auto-restart`);
  await debian().sh('dpkg --remove lanacme 2>&1');
  expect((await debian().attempt('test -e /var/lib/lanacme/ended-by-itself')).code).toBe(1);
  expect((await debian().attempt('pgrep --euid lanacme')).stdout).toBe('');
  expect(await debian().sh("systemctl --plain --no-legend list-units 'lanacme-*'")).toBe('');
  expect(await debian().sh('ls -d /var/lib/lanacme /etc/lanacme/lanacme.env')).not.toBe('');
  await debian().sh(
    'rm -r /etc/systemd/system/lanacme-renew.service.d && dpkg --install /root/lanacme_1.1.0-1_all.deb',
  );
  expect(await debian().sh(`systemctl is-enabled ${timer} && systemctl is-active ${timer}`)).toBe(
    'enabled\nactive',
  );
});

test('units that take the place of its own are told of', async () => {
  await debian().sh('cp /usr/lib/systemd/system/lanacme-renew.service /etc/systemd/system/');
  const said = await debian().sh('dpkg-reconfigure lanacme 2>&1');
  expect(said).toContain(
    '/etc/systemd/system/lanacme-renew.service takes the place of the unit of this package',
  );
  await debian().sh('rm /etc/systemd/system/lanacme-renew.service && systemctl daemon-reload');
});

test('a purge can be told twice, and leaves links of no instance', async () => {
  await debian().sh('systemctl enable lanacme-issue@nas.lan.example.service');
  await debian().sh('touch /etc/lanacme/device.key');
  const example = '/etc/systemd/system/lanacme-failure@.service';
  await debian().sh(`cp /usr/share/doc/lanacme/examples/lanacme-failure@.service ${example}`);
  const said = await debian().sh('dpkg --purge lanacme 2>&1');
  expect(said).toContain('lanacme: kept /etc/lanacme');
  expect(said).toContain(`lanacme: kept ${example}; to remove: rm -r ${example}`);
  await debian().sh(`rm -r ${example}`);
  expect(await debian().sh("find /etc/systemd /var/lib/systemd -name '*lanacme*'")).toBe('');
  expect(await debian().sh('ls -A /etc/lanacme')).toBe('device.key');
  await debian().sh('rm -r /etc/lanacme');
  await debian().sh(notBooted('dpkg --install /root/lanacme_1.1.0-1_all.deb'));
  const again = await debian().sh(notBooted('dpkg --purge lanacme'));
  expect(again).not.toMatch(/\/etc\/lanacme|\/var\/lib\/lanacme|warning|error/);
  expect(again).toContain('kept the system user lanacme; to remove: userdel lanacme');
  expect(await debian().sh('userdel lanacme && getent passwd lanacme; getent group lanacme; true')).toBe('');
});
