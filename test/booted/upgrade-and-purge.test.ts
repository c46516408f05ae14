/** The package over the years: replaced by a newer one, taken away, installed again, and purged. */
import { basename } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { makeToken, movePort, tokenFile } from './credentials-endpoint.ts';
import { useLanHost } from './lan-host.ts';

const name = 'nas.lan.example';
const state = '/var/lib/lanacme';
const host = useLanHost();
let before: ReadonlySet<string>;

beforeAll(async () => {
  before = await allFiles();
});

/** Every path of the host but for logs, caches and apt's and systemd's own notes of what they did. */
async function allFiles(): Promise<ReadonlySet<string>> {
  const skipped = [
    '/proc',
    '/sys',
    '/dev',
    '/run',
    '/tmp',
    '/root',
    '/var/log',
    '/var/cache',
    '/var/lib/apt',
  ];
  const prune = skipped.map((path) => `-path ${path} -prune -o`).join(' ');
  return new Set((await host.debian.sh(`find / -ignore_readdir_race ${prune} -print`)).split('\n'));
}

/** Contents, owners and modes of what must survive. */
async function kept(): Promise<string> {
  const files = `find ${state} /etc/lanacme -type f -not -name lock -exec sha256sum '{}' +`;
  const modes = `find ${state} /etc/lanacme -printf '%p %u %g %m %l\\n'`;
  return await host.debian.sh(`(${files}; ${modes}) | sort`);
}

/** What an administrator enables: to renew, to keep a file of credentials, to hand them out. */
const starters = ['lanacme-renew.timer', 'lanacme-credentials.timer', 'lanacme-credentials.socket'];

const statesOfStarters = async (): Promise<readonly string[]> => {
  const asked = (['is-enabled', 'is-active'] as const).map(
    (what) => `systemctl ${what} ${starters.join(' ')}`,
  );
  return (await host.debian.attempt(asked.join('; '))).stdout.trim().split('\n');
};
const goOn = [...starters.map(() => 'enabled'), ...starters.map(() => 'active')];

/** Of a program with the token that asks; it may have to wait until the endpoint is started. */
const askEndpoint = async (): Promise<number> =>
  (await fetch(endpoint.url, { headers: { authorization: endpoint.token } })).status;
/** Why programs that ask again and again got no answer meanwhile. */
async function failuresWhile(work: Promise<unknown>): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  const done = new AbortController();
  const end = (): void => {
    done.abort();
  };
  work.then(end, end);
  while (!done.signal.aborted)
    await askEndpoint().catch((error: unknown) => {
      failures.push((error as { readonly cause?: { readonly code?: unknown } }).cause?.code);
    });
  return failures;
}

const endpoint = { url: '', token: '' };
const serving = 'systemctl show --property=MainPID --value lanacme-credentials-serve.service';
const file = '/run/lanacme-credentials/credentials';

test('an upgrade keeps certificates, the env file, and the timer as it was', async () => {
  await host.install('0.0.9');
  expect(await host.debian.sh('lanacme --version')).toBe('0.0.9');
  await host.debian.sh('cat > /etc/lanacme/lanacme.env', await host.envFile());
  Object.assign(endpoint, { token: await makeToken(host, 'root'), url: await movePort(host) });
  await host.debian.sh(`systemctl enable --now ${starters.join(' ')}`);
  // Two names, so that a renewal has a change to wait for: Pebble takes one in a hundred for proved.
  await host.debian.sh(`lanacme issue --domain ${name} --domain "*.${name}"`);
  expect(await askEndpoint()).toBe(200);
  // The first run asks the CA and keeps its answer; were an hour over just now, that of the timer would be the first.
  await host.debian.sh('systemctl start lanacme-renew.service');
  await host.settle();
  const [was, pid] = [await kept(), await host.debian.sh(serving)];

  const upgrade = host.install();
  expect(await failuresWhile(upgrade)).not.toContain('ECONNREFUSED');
  const said = await upgrade;
  expect(said).toContain(`Unpacking lanacme (${packageJson.version}-1) over (0.0.9-1)`);
  expect(said).not.toMatch(/error|warning|fail|denied|conffile/i);
  expect(await host.debian.sh('lanacme --version')).toBe(packageJson.version);
  expect(await kept()).toBe(was);
  expect(await statesOfStarters()).toEqual(goOn);
  // A program that runs on must not look for parts of itself that are gone.
  expect(await host.debian.sh(serving)).not.toBe(pid);
  expect(await askEndpoint()).toBe(200);
  await host.debian.until(`test -e ${file}`);
  expect(await host.debian.sh('systemctl list-units --failed --plain --no-legend')).toBe('');
  const status = JSON.parse(await host.debian.sh('lanacme status --json')) as unknown;
  expect(status).toMatchObject({ certificates: [{ name, deployed: true }], errors: [] });
});

test('an upgrade while a run is under way lets it come to its end', async () => {
  const { store } = host.world;
  store.delayMs = Infinity;
  const pem = await host.certificate(name);
  await host.hasten();
  await host.makeDue(name);
  await expect.poll(() => host.world.snapshot(), { timeout: 120_000 }).toContain('_acme-challenge');
  await host.debian.sh('systemctl stop lanacme-renew.timer');
  const upgrade = host.install('0.2.0');
  await host.debian.until('pgrep --full [l]anacme.prerm');
  expect(await host.certificate(name)).toBe(pem);
  store.delayMs = 300;
  store.syncAll();
  await upgrade;
  await host.rest();
  expect(await host.certificate(name)).not.toBe(pem);
  const said = await host.debian.journal(
    '--unit=lanacme-renew.service',
    '--lines=1',
    '--output=cat',
    '--grep=Finished|Failed',
  );
  expect(said.trim()).toBe('Finished lanacme-renew.service - Renew TLS certificates.');
  expect(host.world.snapshot()).not.toContain('_acme-challenge');
  await host.debian.sh('rm -r /etc/systemd/system/lanacme-renew.timer.d && systemctl daemon-reload');
});

test('removed, its certificates are still there for the servers that use them, and come to life again', async () => {
  await host.debian.sh('systemctl start lanacme-renew.timer');
  await host.serve(name);
  const was = await kept();
  await host.debian.sh('apt-get remove --yes lanacme');
  expect((await host.debian.attempt('command -v lanacme')).code).not.toBe(0);
  expect(await kept()).toBe(was);
  await host.debian.sh('systemctl restart nginx');
  expect(await statesOfStarters()).not.toContain('active');
  expect((await host.debian.attempt(`pgrep --euid lanacme; ls ${file}`)).stdout).toBe('');
  await expect(askEndpoint()).rejects.toThrow();
  await host.install('0.2.0');
  expect(await kept()).toBe(was);
  expect(await statesOfStarters()).toEqual(goOn);
  expect(await askEndpoint()).toBe(200);
});

test('purged, nothing is left but what it says', async () => {
  const said = await host.debian.sh('apt-get purge --yes lanacme 2>&1');
  const announced = [...said.matchAll(/^lanacme: kept ([^\s;]+)/gm)].map(([, path = '']) => path);
  expect(said).toContain('kept the system user lanacme; to remove: userdel lanacme');
  expect(announced).toEqual(expect.arrayContaining([state, '/etc/lanacme', tokenFile]));
  const left = [...(await allFiles())].filter((path) => !before.has(path));
  const unannounced = left.filter(
    (path) => !announced.some((one) => path === one || path.startsWith(`${one}/`)),
  );
  // What nginx was given by this test, and what it and systemd make for themselves.
  const foreign = /^\/(etc|var\/lib)\/nginx\/|^\/var\/lib\/systemd\/timers$/;
  expect(unannounced.filter((path) => !foreign.test(path))).toEqual([]);
  const inEtc = left.filter((path) => path.startsWith('/etc/lanacme/')).map((path) => basename(path));
  expect(inEtc.sort()).toEqual(['acme-ca.pem', 'device.key', 'device.pem', 'iot-ca.pem']);
  expect(await host.debian.sh('systemctl list-units --all --plain --no-legend "lanacme*"')).toBe('');
});

test('the commands that it printed remove the rest', async () => {
  const dropIn = '/etc/systemd/system/lanacme-credentials.socket.d';
  await host.debian.sh(`rm -r ${state} && rm -r /etc/lanacme && rm ${tokenFile} && userdel lanacme`);
  await host.debian.sh(`rm -r ${dropIn} && systemctl daemon-reload`);
  const left = [...(await allFiles())].filter((path) => !before.has(path) && /lanacme/.test(path));
  expect(left).toEqual([]);
  expect((await host.debian.attempt('getent passwd lanacme; getent group lanacme')).stdout).toBe('');
});
