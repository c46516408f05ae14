import { expect, it, test } from 'vitest';
import { configOf, nodeError, problemsOf, type Situation } from './made-host.ts';

const root: Situation = { uid: 0, names: ['install'] };

test('units are the system’s, or with --user those of whoever asks', async () => {
  expect(await configOf('systemd', {}, root)).toMatchObject({ action: 'install', scope: { kind: 'system' } });
  expect(await configOf('systemd', { user: 'true' }, { names: ['uninstall'] })).toMatchObject({
    action: 'uninstall',
    scope: { kind: 'user', configHome: '/home/lan/.config' },
  });
  const environment = { HOME: '/home/lan', XDG_CONFIG_HOME: '/elsewhere', XDG_RUNTIME_DIR: '/run/user/7' };
  expect(await configOf('systemd', { user: 'true' }, { names: ['show'], environment })).toMatchObject({
    scope: { configHome: '/elsewhere', runtimeDir: '/run/user/7' },
  });
});

test('anybody may look at the units of the system', async () => {
  expect(await configOf('systemd', {}, { names: ['show'] })).toMatchObject({ scope: { kind: 'system' } });
});

it.each<[string, Record<string, string>, Situation, readonly string[]]>([
  ['no word', {}, { uid: 0 }, ['config.missing: lanacme systemd does not say what to do']],
  [
    'another word',
    {},
    { uid: 0, names: ['instal'] },
    ['config.unknown-command: unknown command "systemd instal"'],
  ],
  [
    'the system’s, without root',
    {},
    { names: ['install'] },
    ['config.conflict: lanacme systemd install changes the units of the system, and this is not root'],
  ],
  [
    'a user’s, by root',
    { user: 'true' },
    root,
    ['config.conflict: --user is for the units of a user, and this is root'],
  ],
])('%s is refused', async (_title, given, situation, expected) => {
  expect(await problemsOf('systemd', given, situation)).toEqual(expected);
});

test('without a home there are no units of a user', async () => {
  const problems = await problemsOf(
    'systemd',
    { user: 'true', 'state-dir': '/s' },
    { names: ['install'], environment: { HOME: '' } },
  );
  expect(problems).toEqual(['config.missing: --user: there is no folder for units: HOME is not set']);
});

test('an env file of the system that is closed to a user is not missed', async () => {
  const files = { '/etc/lanacme/lanacme.env': nodeError('EACCES') };
  expect(await problemsOf('systemd', { user: 'true' }, { names: ['install'], files })).toEqual([]);
  const named = { user: 'true', config: '/etc/lanacme/lanacme.env' };
  expect(await problemsOf('systemd', named, { names: ['install'], files })).toHaveLength(1);
  expect(await problemsOf('status', {}, { files })).toHaveLength(1);
});
