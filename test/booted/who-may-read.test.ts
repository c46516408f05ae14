/** Who may read and write what, tried as the user in question: the web server's, lanacme's, and anybody's. */
import { beforeAll, describe, expect, test } from 'vitest';
import { findInside, isNoPlace } from './find-inside.ts';
import { useLanHost } from './lan-host.ts';

const name = 'www.lan.example';
const state = '/var/lib/lanacme';
const live = `${state}/live/${name}`;
const host = useLanHost();

beforeAll(async () => {
  await host.install();
  // As docs/servers.md has it for a server that reads the key as its own user.
  await host.debian.sh(
    'groupadd --system tls-keys && adduser --quiet lanacme tls-keys && adduser --quiet www-data tls-keys',
  );
  await host.debian.sh(
    'cat > /etc/lanacme/lanacme.env',
    await host.envFile({ LANACME_KEY_GROUP: 'tls-keys' }),
  );
  await host.debian.sh('systemctl enable --now lanacme-issue@www.lan.example.service');
  await host.debian.until(`test -e ${live}/privkey.pem`);
  // A run of each unit, so that all files are there that there are in real life.
  await host.debian.sh('systemctl start lanacme-renew.service');
  await host.rest();
});

const accountKey = async (): Promise<string> => await host.debian.sh(`ls ${state}/accounts/*/key.pem`);

/** Whether it is refused by its rights, and not by an error of another kind. */
async function isRefused(user: string, command: string): Promise<boolean> {
  const { code, stderr } = await host.debian.attempt(`runuser -u ${user} -- sh -c '${command}'`);
  return code !== 0 && /Permission denied/i.test(stderr);
}

describe("nginx's user", () => {
  test('reads the key and the chain, by the key group', async () => {
    for (const file of ['privkey.pem', 'fullchain.pem', 'cert.pem', 'chain.pem'])
      expect(await host.debian.sh(`runuser -u www-data -- cat ${live}/${file}`)).toMatch(/^-----BEGIN /);
    expect(await host.debian.sh(`stat -c '%U:%G %a' ${live}/privkey.pem`)).toBe('lanacme:tls-keys 640');
  });

  test('reads neither device key nor account key nor env file, and lists and writes nothing', async () => {
    const refused = [
      'cat /etc/lanacme/device.key',
      'cat /etc/lanacme/lanacme.env',
      'ls /etc/lanacme',
      `cat ${await accountKey()}`,
      `ls ${state}`,
      `ls ${state}/accounts`,
      `ls ${state}/journal`,
      `cat ${state}/certificates/${name}.json`,
      `cat ${state}/renewals.json`,
      `: >> ${live}/privkey.pem`,
      `: > ${state}/live/x`,
      ': > /var/lib/lanacme-deploy/x',
    ];
    for (const command of refused)
      expect([command, await isRefused('www-data', command)]).toEqual([command, true]);
    const writable = await host.debian.sh(
      `runuser -u www-data -- find ${state} /var/lib/lanacme-deploy /etc/lanacme -writable -not -type l 2> /dev/null || true`,
    );
    expect(writable).toBe('');
  });
});

describe('any other user', () => {
  test('does not read a key', async () => {
    expect(await isRefused('nobody', `cat ${live}/privkey.pem`)).toBe(true);
    expect(await isRefused('nobody', 'cat /etc/lanacme/device.key')).toBe(true);
  });
});

describe('user lanacme', () => {
  test('owns its state folder, all of it, and nothing else', async () => {
    expect(await host.debian.sh(`find ${state} -not -user lanacme`)).toBe('');
    const owned = await host.debian.sh(
      `find / -ignore_readdir_race -xdev -user lanacme -not -path '${state}*'`,
    );
    expect(owned).toBe('/etc/lanacme/device.key');
  });

  test('can write there and where everybody can, nowhere else', async () => {
    const writable = await host.debian.sh(
      'runuser -u lanacme -- find / -xdev -writable -not -type l 2> /dev/null || true',
    );
    const elsewhere = writable.split('\n').filter((path) => !path.startsWith(state));
    expect(elsewhere).toEqual(['/etc/lanacme/device.key', '/tmp', '/var/tmp']);
  });

  test('inside its unit, can write to its state folder alone', async () => {
    for (const unit of ['lanacme-renew', `lanacme-issue@${name}`]) {
      const writable = await findInside(host, unit, '/ -writable ( -type f -o -type d )');
      const elsewhere = writable.filter((path) => !path.startsWith(state) && !isNoPlace(path));
      expect([unit, elsewhere]).toEqual([unit, ['/tmp', '/var/tmp']]);
      expect(writable).toContain(state);
      expect(await findInside(host, unit, '/tmp /var/tmp /home /root -mindepth 1')).toEqual([]);
    }
  });
});

test('what deploys as root does not see the secrets of what orders', async () => {
  const readable = await findInside(
    host,
    'lanacme-deploy',
    `/etc/lanacme ${state} -type f -size +0 -readable`,
  );
  expect(readable).toContain('/etc/lanacme/lanacme.env');
  expect(readable).not.toContain('/etc/lanacme/device.key');
  expect(readable.filter((path) => /accounts|orders|journal|ledger/.test(path))).toEqual([]);
});
