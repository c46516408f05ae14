import { describe, expect, test } from 'vitest';
import type { SystemdFile } from '../../src/core/systemd-files.ts';
import type { SystemdInstallation } from '../../src/core/systemd-installation.ts';
import { marked } from '../../src/core/systemd-marker.ts';
import { asLanacmeErrors } from '../../src/errors.ts';
import { installUnits } from '../../src/flows/install-units.ts';
import { uninstallUnits } from '../../src/flows/uninstall-units.ts';
import { FakeSystemd } from '../fakes/systemd.ts';

const ours = (path: string): SystemdFile => ({ path, text: marked(`${path}\n`), mode: 0o644 });
const envFile: SystemdFile = { path: '/env', text: '# to fill in\n', mode: 0o640, isTheirs: true };
const installation: SystemdInstallation = {
  install: [
    { files: [ours('/users')], commands: [['make-users']] },
    { files: [envFile], commands: [['give-env']], isForNew: true },
    { files: [ours('/a.service'), ours('/b.timer')], commands: [['reload']] },
  ],
  stop: (paths) => paths.map((path) => ['stop', path]),
  forget: [['forget']],
  next: [],
  kept: [],
  afterwards: [],
};
const signal = new AbortController().signal;
const everything = [
  ...['write /users', 'make-users', 'write /env', 'give-env'],
  ...['write /a.service', 'write /b.timer', 'reload'],
];

describe('install', () => {
  test('writes every file before the commands that need it', async () => {
    const systemd = new FakeSystemd();
    const files = await installUnits(installation, systemd, signal);
    expect(systemd.done).toEqual(everything);
    expect(files.map(({ path, change }) => `${path} ${change}`)).toEqual([
      '/users written',
      '/env written',
      '/a.service written',
      '/b.timer written',
    ]);
  });

  test('writes nothing the second time, and has systemd read it all the same', async () => {
    const systemd = new FakeSystemd();
    await installUnits(installation, systemd, signal);
    systemd.texts.set('/env', 'LANACME_ZONE=lan.example\n');
    systemd.done.splice(0);
    const files = await installUnits(installation, systemd, signal);
    expect(systemd.done).toEqual(['make-users', 'reload']);
    expect(new Set(files.map(({ change }) => change))).toEqual(new Set(['unchanged']));
    expect(systemd.texts.get('/env')).toBe('LANACME_ZONE=lan.example\n');
  });

  test('replaces what an older version wrote, and only that', async () => {
    const systemd = new FakeSystemd();
    await installUnits(installation, systemd, signal);
    systemd.texts.set('/b.timer', marked('older\n'));
    systemd.done.splice(0);
    await installUnits(installation, systemd, signal);
    expect(systemd.done).toEqual(['make-users', 'write /b.timer', 'reload']);
  });

  test('writes nothing at all if a file is somebody else’s, and names each', async () => {
    const systemd = new FakeSystemd({ '/users': 'mine', '/b.timer': '[Timer]' });
    const refused = await installUnits(installation, systemd, signal).catch((error: unknown) => error);
    expect(asLanacmeErrors(refused).map(({ code, message }) => `${code}: ${message}`)).toEqual([
      'systemd.file-foreign: /users was not written by lanacme systemd install',
      'systemd.file-foreign: /b.timer was not written by lanacme systemd install',
    ]);
    expect(systemd.done).toEqual([]);
  });

  test('goes on from where a command failed', async () => {
    const systemd = new FakeSystemd();
    systemd.failing = 'make-users';
    await expect(installUnits(installation, systemd, signal)).rejects.toThrow('make-users failed');
    await installUnits(installation, systemd, signal);
    expect(systemd.done).toEqual(everything);
  });
});

describe('uninstall', () => {
  test('ends what runs, then removes what install wrote; the env file stays', async () => {
    const systemd = new FakeSystemd();
    await installUnits(installation, systemd, signal);
    systemd.done.splice(0);
    expect(await uninstallUnits(installation, systemd, signal)).toEqual(['/users', '/a.service', '/b.timer']);
    expect(systemd.done).toEqual([
      ...['stop /users', 'stop /a.service', 'stop /b.timer'],
      ...['remove /users', 'remove /a.service', 'remove /b.timer', 'forget'],
    ]);
    expect([...systemd.texts.keys()]).toEqual(['/env']);
  });

  test('leaves units of others alone, also running', async () => {
    const systemd = new FakeSystemd({ '/a.service': '[Unit]', '/b.timer': '[Timer]', '/env': 'x' });
    expect(await uninstallUnits(installation, systemd, signal)).toEqual([]);
    expect(systemd.done).toEqual([]);
    systemd.texts.set('/b.timer', ours('/b.timer').text);
    expect(await uninstallUnits(installation, systemd, signal)).toEqual(['/b.timer']);
    expect(systemd.done).toEqual(['stop /b.timer', 'remove /b.timer', 'forget']);
  });
});
