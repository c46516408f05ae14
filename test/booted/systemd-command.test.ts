/** `lanacme systemd`, where lanacme came by npm: for the system, and for one user. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { run } from '../support/child-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { distFolder } from '../support/run-lanacme.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { useLanHost } from './lan-host.ts';

const host = useLanHost();
const name = 'nas.lan.example';
const top = fileURLToPath(new URL('../..', import.meta.url));
/** Every file below these folders, each with its owner and mode: what an installation may touch. */
const list =
  "find /etc /usr/local /var/lib -path /var/lib/private -prune -o -printf '%p %u:%g %m %l\\n' | grep -v '^/etc/[^/]*[-~] ' | sort";

/** A program of the host that has the two variables of AWS's SDKs: what it is answered, without the secret parts. */
const client = `
const { readFileSync } = require('node:fs');
const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file } = process.env;
const ask = async () => {
  const headers = file === undefined ? {} : { authorization: readFileSync(file, 'utf8') };
  const answer = await fetch(uri, { headers });
  console.log(answer.status, (await answer.json()).AccessKeyId?.slice(0, 4) ?? 'none');
};
ask().catch((error) => console.log(error.code ?? error.cause?.code ?? error.message));
`;

let before: string;
let written: readonly string[];

interface Told {
  readonly files: readonly { readonly path: string; readonly change: string }[];
  readonly notes: readonly string[];
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

/** The drop-in for the socket of credentials: its port is taken on the loopback of the whole machine. */
const atPort = (port: number): string => `[Socket]\nListenStream=\nListenStream=127.0.0.1:${port}\n`;

/** What the client is answered as this user; without a token if no file is named. */
async function asked(as: string, port: number, tokenFile?: string): Promise<string> {
  const token = tokenFile === undefined ? '' : `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=${tokenFile} `;
  const uri = `AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:${port}/credentials`;
  return await host.debian.sh(`${as} env ${token}${uri} node -`, client);
}

/** The lines of a unit's comment that are to be typed, with their words replaced. */
async function typed(unit: string, from: string, words: Readonly<Record<string, string>>): Promise<string> {
  const comment = (await host.debian.sh(`cat ${unit}`)).split('\n').filter((line) => line.startsWith('#   '));
  const lines = comment.map((line) => line.slice(4));
  const begin = lines.findIndex((line) => line.startsWith(from));
  expect(begin).toBeGreaterThan(0);
  return Object.entries(words).reduce(
    (text, [word, value]) => text.replaceAll(word, value),
    lines.slice(begin).join('\n'),
  );
}

async function systemd(action: string, lanacme = 'lanacme'): Promise<Told & { code: number | null }> {
  const { code, stdout } = await host.debian.attempt(`${lanacme} systemd ${action} --json`);
  return { code, ...(JSON.parse(stdout) as Told) };
}

beforeAll(async () => {
  await host.debian.sh('tar -xf - -C /usr/local', await installedByNpm());
});

test('root is told which folders others can write to, and nothing is written', async () => {
  before = await host.debian.sh(list);
  await host.debian.sh('chmod g+w /usr/local/lib');
  expect(await systemd('install')).toMatchObject({
    code: 1,
    errors: [
      {
        code: 'systemd.program-unsafe',
        message: expect.stringMatching(/\/usr\/local\/lib can be written/) as string,
      },
    ],
  });
  await host.debian.sh('chmod g-w /usr/local/lib');
  expect(await host.debian.sh(list)).toBe(before);
});

test('nor is anything written for a program in a home folder, which units do not see', async () => {
  await host.debian.sh('cp -r /usr/local/lib/node_modules/lanacme/dist /root/');
  expect(await systemd('install', '/root/dist/lanacme.js')).toMatchObject({
    code: 1,
    errors: [{ message: expect.stringContaining('do not see /root/dist/lanacme.js') as string }],
  });
  await host.debian.sh('rm -r /root/dist');
  expect(await host.debian.sh(list)).toBe(before);
});

test('a file of somebody else stays as it is', async () => {
  const path = '/etc/systemd/system/lanacme-renew.timer';
  await host.debian.write(path, '[Timer]\nOnCalendar=daily\n');
  expect(await systemd('install')).toMatchObject({
    code: 1,
    errors: [{ code: 'systemd.file-foreign', message: expect.stringContaining(path) as string }],
  });
  await host.debian.sh(`rm ${path}`);
  expect(await host.debian.sh(list)).toBe(before);
});

test('install makes a user, folders, an env file to fill in, and units that systemd takes', async () => {
  // What runs of root have left.
  const key = '/var/lib/lanacme/archive/old/0001/privkey.pem';
  await host.debian.write(key, 'key', 0o640);
  await host.debian.sh(`chgrp www-data ${key} && chmod 0711 /var/lib/lanacme`);
  const installed = await systemd('install');
  expect(installed).toMatchObject({ code: 0, errors: [] });
  expect(installed.notes).toEqual([expect.stringContaining("/var/lib/lanacme was root's")]);
  expect(await host.debian.sh(`stat --format='%U %G %a' /var/lib/lanacme ${key}`)).toBe(
    'lanacme lanacme 711\nlanacme www-data 640',
  );
  await host.debian.sh('rm -r /var/lib/lanacme/archive');
  expect(installed.files.map(({ change }) => change)).toEqual(installed.files.map(() => 'written'));
  written = installed.files.map(({ path }) => path);
  expect(await host.debian.sh('stat -c "%U:%G %a" /etc/lanacme /etc/lanacme/lanacme.env')).toBe(
    'root:lanacme 750\nroot:lanacme 640',
  );
  const units = written.filter((path) => /\.(service|socket|timer)$/.test(path) && !path.includes('@'));
  const verified = await host.debian.attempt(`systemd-analyze verify ${units.join(' ')}`);
  expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  const enabled = await host.debian.attempt(
    "systemctl list-unit-files --no-legend --state=enabled 'lanacme*'",
  );
  expect(enabled.stdout).toBe('');
});

test('a program that npm has put there under umask 077 is told of: user lanacme could not run it', async () => {
  const chunks = '/usr/local/lib/node_modules/lanacme/dist/chunks';
  for (const [path, mode, open] of [
    ['/usr/local/lib/node_modules', '700', '755'],
    [`${chunks}/main.js`, '600', '644'],
  ] as const) {
    await host.debian.sh(`chmod ${mode} ${path}`);
    expect((await systemd('install')).notes).toEqual([
      expect.stringContaining(`user lanacme cannot read ${path}, and so not run lanacme`),
    ]);
    await host.debian.sh(`chmod ${open} ${path}`);
  }
  expect((await systemd('install')).notes).toEqual([]);
});

test('a second time it has nothing to do, and writes nothing', async () => {
  const times = `stat --format='%n %Y %Z %i' ${written.join(' ')}`;
  const first = await host.debian.sh(times);
  expect(await host.debian.sh('lanacme systemd install')).toBe(
    'nothing to do: every file is as it should be',
  );
  expect(await host.debian.sh(times)).toBe(first);
});

test('the timer gets a certificate renewed as user lanacme, and has it deployed', async () => {
  await host.debian.sh('cat > /etc/lanacme/lanacme.env', await host.envFile());
  await host.debian.sh(`systemctl enable --now lanacme-issue@${name}.service`);
  await host.serve(name);
  await host.hasten();
  await host.debian.sh('systemctl enable lanacme-renew.timer');
  await host.makeDue(name);
  await host.debian.until(`test "$(readlink /var/lib/lanacme/live/${name})" = ../archive/${name}/0002`);
  await host.debian.until(`lanacme status ${name} --json | grep -q '"deployed":true'`);
  await host.rest();
  expect(await host.debian.sh('find /var/lib/lanacme ! -user lanacme')).toBe('');
});

test('the timer of credentials keeps a file that user lanacme alone can read', async () => {
  const { debian } = host;
  await debian.sh('systemctl enable --now lanacme-credentials.timer');
  const file = '/run/lanacme-credentials/credentials';
  // Now, not within the minutes by which the timer keeps hosts apart.
  await debian.until(`test -e ${file}`);
  expect(await debian.sh(`stat --format='%U:%G %a' ${file}`)).toBe('lanacme:lanacme 600');
  expect(await debian.sh(`grep -c '^aws_session_token = ' ${file}`)).toBe('1');
});

test('the socket of credentials serves a group, once its token is made by the lines that stand in it', async () => {
  const { debian } = host;
  const [port = 0] = await freePorts(1);
  await debian.write('/etc/systemd/system/lanacme-credentials.socket.d/port.conf', atPort(port));
  await debian.sh('systemctl daemon-reload');
  const unit = '/etc/systemd/system/lanacme-credentials.socket';
  await debian.sh(await typed(unit, 'install ', { GROUP: 'www-data' }));
  const token = '/etc/lanacme-credentials-token';
  expect(await asked('runuser -u www-data --', port, token)).toBe('200 ASIA');
  expect(await asked('runuser -u www-data --', port)).toBe('401 none');
  expect(await asked('runuser -u nobody --', port, token)).toBe('EACCES');
  const serving = async (): Promise<string> =>
    await debian.sh('systemctl show --property=User,MainPID --value lanacme-credentials-serve.service');
  const first = await serving();
  expect(first).toMatch(/^[1-9]\d*\nlanacme$/);
  // As after an update by npm: what runs has been replaced.
  await debian.sh('lanacme systemd install');
  expect(await asked('runuser -u www-data --', port, token)).toBe('200 ASIA');
  expect(await serving()).not.toBe(first);
});

test('uninstall ends and removes what is ours, and says what it keeps', async () => {
  await host.debian.write(`/etc/systemd/system/lanacme-renew.service.d/mine.conf`, '[Service]\nNice=5\n');
  await host.debian.sh('systemctl start lanacme-renew.timer');
  const said = await host.debian.sh('lanacme systemd uninstall');
  const removed = written.filter((path) => !path.endsWith('.env'));
  expect(said.split('\n').filter((line) => line.startsWith('removed'))).toEqual(
    removed.map((path) => `removed ${path}`),
  );
  expect(said).toContain('kept certificates and accounts: /var/lib/lanacme');
  expect(said).toContain('/etc/lanacme-credentials-token');
  // Credentials that are good for an hour yet.
  expect(
    await host.debian.sh("find /run -path /run/credentials -prune -o -name '*lanacme-cred*' -print"),
  ).toBe('');
  expect(await host.debian.sh("systemctl list-units --all --plain --no-legend 'lanacme*'")).toBe('');
  const now = (await host.debian.sh(list)).split('\n');
  const there = new Set(before.split('\n'));
  const left = now.filter((line) => !there.has(line)).map((line) => line.split(' ')[0] ?? '');
  const notOurs =
    /^\/(etc\/lanacme(-credentials-token)?|(etc|var\/lib)\/nginx|var\/lib\/lanacme(-deploy)?|etc\/systemd\/system\/lanacme-(renew\.service|renew\.timer|credentials\.socket)\.d|var\/lib\/systemd\/timers)(\/|$)/;
  // A folder that the base system does not have.
  expect(left.filter((path) => !notOurs.test(path))).toEqual(['/etc/sysusers.d']);
  expect(await host.debian.sh('lanacme systemd uninstall')).toContain('nothing to do');
});

describe('a user without root', () => {
  const asUser = 'runuser -u lan -- env HOME=/home/lan XDG_RUNTIME_DIR=/run/user/$(id -u lan) LANG=C.UTF-8';
  const at = '/home/lan/.config';

  test('is told both ways', async () => {
    await host.debian.sh(
      'useradd --create-home lan && systemd-run --quiet --wait loginctl enable-linger lan',
    );
    await host.debian.until('systemctl is-active user@$(id -u lan).service');
    const refused = await host.debian.attempt(`${asUser} lanacme systemd install`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('sudo lanacme systemd install');
    expect(refused.stderr).toContain('lanacme systemd install --user');
  });

  test('has units of their own, which order and deploy with nobody logged in', async () => {
    const { debian } = host;
    const said = await debian.sh(`${asUser} lanacme systemd install --user`);
    expect(said).toContain('loginctl enable-linger');
    const lines = await host.envFile({ LANACME_DEPLOY_HOOK: 'id -un > /home/lan/deployed' });
    await debian.sh('install --owner=lan --mode=0600 /etc/lanacme/device.key /home/lan/device.key');
    await debian.sh('chmod 0755 /etc/lanacme');
    const env = lines
      .replace('/etc/lanacme/device.key', '/home/lan/device.key')
      .replace(/^LANACME_STATE_DIR=.*\n/m, '');
    await debian.sh(`${asUser} sh -c 'cat > ${at}/lanacme/lanacme.env'`, env);
    await debian.sh(`${asUser} systemctl --user enable --now lanacme-issue@${name}.service`);
    expect(await debian.sh('cat /home/lan/deployed')).toBe('lan');
    await debian.sh(`${asUser} systemctl --user enable --now lanacme-renew.timer`);
    await debian.sh(`${asUser} systemctl --user start lanacme-renew.service`);
    const status = await debian.sh(`${asUser} lanacme status --json --config ${at}/lanacme/lanacme.env`);
    expect(JSON.parse(status)).toMatchObject({ certificates: [{ name, deployed: true }], errors: [] });
  });

  test('have a file and an endpoint with credentials of their own, without root', async () => {
    const { debian } = host;
    const [port = 0] = await freePorts(1);
    const unit = `${at}/systemd/user/lanacme-credentials.socket`;
    await debian.sh(`${asUser} mkdir ${unit}.d && ${asUser} sh -c 'cat > ${unit}.d/port.conf'`, atPort(port));
    await debian.sh(`${asUser} systemctl --user daemon-reload`);
    const lines = await typed(unit, '(umask 077', {});
    await debian.sh(`cat > /srv/make-token && ${asUser} sh -e /srv/make-token`, lines);
    const token = `${at}/lanacme/credentials-token`;
    expect(await asked(asUser, port, token)).toBe('200 ASIA');
    expect(await asked('runuser -u nobody --', port)).toBe('401 none');

    await debian.sh(`${asUser} systemctl --user enable --now lanacme-credentials.timer`);
    const file = '/run/user/$(id -u lan)/lanacme-credentials/credentials';
    await debian.until(`test -e ${file}`);
    expect(await debian.sh(`stat --format='%U %a' ${file} ${token}`)).toBe('lan 600\nlan 600');
  });

  test('takes them back', async () => {
    await host.debian.sh(`${asUser} lanacme systemd uninstall --user`);
    expect(await host.debian.sh(`find ${at} /run/user -name '*lanacme*' | sort`)).toBe(
      [`${at}/lanacme`, `${at}/lanacme/lanacme.env`, `${at}/systemd/user/lanacme-credentials.socket.d`].join(
        '\n',
      ),
    );
    const units = `${asUser} systemctl --user list-units --all --plain --no-legend 'lanacme*'`;
    expect(await host.debian.sh(units)).toBe('');
  });
});

/** What `npm install --global` puts below its prefix, as a tar archive of root's. */
async function installedByNpm(): Promise<Buffer> {
  let archive: Buffer | undefined;
  await withTempFolder(async (folder) => {
    const npm = async (...args: readonly string[]) => await run('npm', args, { cwd: folder });
    const made = join(folder, 'package');
    await run('mkdir', [made]);
    await run('cp', ['-r', distFolder, join(made, 'dist')]);
    for (const file of ['package.json', 'README.md', 'LICENSE']) await run('cp', [join(top, file), made]);
    await npm('pack', '--silent', '--ignore-scripts', '--pack-destination', folder, made);
    const [packed = ''] = (await run('sh', ['-c', 'ls *.tgz'], { cwd: folder })).trim().split('\n');
    await npm('install', '--global', '--offline', '--prefix', join(folder, 'prefix'), join(folder, packed));
    await run(
      'tar',
      ['--owner=root', '--group=root', '-cf', 'prefix.tar', '-C', join(folder, 'prefix'), '.'],
      {
        cwd: folder,
      },
    );
    archive = await readFile(join(folder, 'prefix.tar'));
  }, 'npm');
  if (archive === undefined) throw new Error('npm has installed nothing');
  return archive;
}
