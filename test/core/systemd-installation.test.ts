import { describe, expect, it, test } from 'vitest';
import type { SystemdFile } from '../../src/core/systemd-files.ts';
import { systemInstallation, userInstallation } from '../../src/core/systemd-installation.ts';

const file = (path: string): SystemdFile => ({ path, text: '', mode: 0o644 });
const filesOfSystem = [
  '/etc/sysusers.d/x',
  '/etc/tmpfiles.d/x',
  '/etc/lanacme/lanacme.env',
  '/etc/systemd/system/x',
].map(file);
const system = systemInstallation(filesOfSystem, {});
const filesOfUser = ['/c/lanacme/lanacme.env', '/c/systemd/user/x'].map(file);
const user = userInstallation(filesOfUser, { configHome: '/c', runtimeDir: '/run/user/1000' });

test('the user is made before the folders that are theirs, these before the files in them, the units last', () => {
  expect(
    system.install.map(({ files, commands }) =>
      [...files.map(({ path }) => path), ...commands.map((words) => words.join(' '))].join(', '),
    ),
  ).toEqual([
    '/etc/sysusers.d/x, systemd-sysusers /etc/sysusers.d/lanacme.conf',
    '/etc/tmpfiles.d/x, systemd-tmpfiles --create /etc/tmpfiles.d/lanacme.conf',
    '',
    '/etc/lanacme/lanacme.env, chgrp lanacme /etc/lanacme/lanacme.env',
    '/etc/systemd/system/x, systemctl daemon-reload, systemctl try-restart lanacme-credentials-serve.service',
  ]);
  expect(
    user.install.map(({ files, commands }) => [
      ...files.map(({ path }) => path),
      ...commands.map((words) => words.join(' ')),
    ]),
  ).toEqual([
    ['/c/lanacme/lanacme.env'],
    [
      '/c/systemd/user/x',
      'systemctl --user daemon-reload',
      'systemctl --user try-restart lanacme-credentials-serve.service',
    ],
  ]);
});

test('where the Debian package has units of its own, the person is told to enable those after an uninstall', () => {
  expect(system.afterwards).toEqual([]);
  const packagedUnit = '/usr/lib/systemd/system/lanacme-renew.service';
  expect(systemInstallation(filesOfSystem, { packagedUnit }).afterwards).toEqual([
    expect.stringMatching(/^systemctl enable --now lanacme-renew\.timer, /),
    expect.stringMatching(/^npm uninstall --global lanacme: /),
  ]);
});

describe('before a unit is removed', () => {
  it.each<[string, readonly string[]]>([
    ['lanacme-renew.timer', ['systemctl disable --now lanacme-renew.timer']],
    ['lanacme-renew.service', ['systemctl stop lanacme-renew.service']],
    ['lanacme-credentials.socket', ['systemctl disable --now lanacme-credentials.socket']],
    ['lanacme-credentials-serve.service', ['systemctl stop lanacme-credentials-serve.service']],
    [
      'lanacme-issue@.service',
      ['systemctl disable lanacme-issue@.service', 'systemctl stop lanacme-issue@*.service'],
    ],
    ['lanacme.conf', []],
  ])('%s is ended', (name, commands) => {
    expect(system.stop([`/etc/x/${name}`]).map((words) => words.join(' '))).toEqual(commands);
    expect(user.stop([`/c/x/${name}`]).map((words) => words.join(' '))).toEqual(
      commands.map((line) => line.replace('systemctl', 'systemctl --user')),
    );
  });
});

test('credentials in a file go with the unit that refreshed them', () => {
  const unit = 'lanacme-credentials.service';
  const clearing = (folder: string) => ['rm', '--recursive', '--force', folder];
  expect(system.stop([unit])).toEqual([['systemctl', 'stop', unit], clearing('/run/lanacme-credentials')]);
  expect(user.stop([unit])).toEqual([
    ['systemctl', '--user', 'stop', unit],
    clearing('/run/user/1000/lanacme-credentials'),
  ]);
  expect(userInstallation(filesOfUser, { configHome: '/c' }).stop([unit])).toEqual([
    ['systemctl', '--user', 'stop', unit],
  ]);
});

test('what hands out credentials is not among what is to be enabled, unless somebody needs it', () => {
  for (const { next } of [system, user]) {
    const about = next.filter((step) => step.includes('lanacme-credentials'));
    expect(about).toEqual([expect.stringMatching(/^only if other programs here need AWS credentials: /)]);
  }
});

test('a user is told what keeps their timer running', () => {
  expect(user.next).toContainEqual(expect.stringContaining('loginctl enable-linger'));
  expect(system.next).toContainEqual('systemctl enable --now lanacme-renew.timer');
});

test('a service is stopped after what would start it: deploy after renew, the endpoint after its socket', () => {
  const units = [
    ...['lanacme-deploy.service', 'lanacme-credentials-serve.service', 'lanacme-renew.service'],
    ...['lanacme-credentials.socket', 'lanacme-renew.timer'],
  ];
  expect(system.stop(units).map((words) => words.at(-1))).toEqual(units.toReversed());
});

test("a state folder of root becomes lanacme's once that user is there, and keys keep their group", () => {
  const commandsOn = (uid: number) =>
    systemInstallation(filesOfSystem, { stateDir: { uid } }).install.flatMap(({ commands }) =>
      commands.map((words) => words.join(' ')),
    );
  const taking = [
    'chown --recursive --no-dereference --from=root lanacme /var/lib/lanacme',
    'chgrp lanacme /var/lib/lanacme',
  ];
  expect(commandsOn(0).slice(2, 4)).toEqual(taking);
  expect(commandsOn(996).filter((line) => taking.includes(line))).toEqual([]);
});

test('where no systemd runs, none is asked to load, to start or to end anything', () => {
  const offline = systemInstallation(filesOfSystem, { isOffline: true });
  const installing = offline.install.flatMap(({ commands }) => commands.map(([program]) => program));
  expect(installing).toEqual(['systemd-sysusers', 'systemd-tmpfiles', 'chgrp']);
  const units = [
    ...['lanacme-deploy.service', 'lanacme-credentials.service', 'lanacme-issue@.service'],
    ...['lanacme-credentials.socket', 'lanacme-renew.timer'],
  ];
  expect(offline.stop(units).map((words) => words.join(' '))).toEqual([
    'systemctl disable lanacme-issue@.service',
    'systemctl disable lanacme-credentials.socket',
    'systemctl disable lanacme-renew.timer',
  ]);
  expect(offline.forget).toEqual([]);
  expect(offline.next).toContainEqual('systemctl enable lanacme-renew.timer');
});
