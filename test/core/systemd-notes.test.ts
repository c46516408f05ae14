import { expect, it } from 'vitest';
import { type SystemFacts, systemNotes } from '../../src/core/systemd-notes.ts';

const good: SystemFacts = { envFile: { gid: 996, mode: 0o100640 }, stateDir: { uid: 996 } };

it.each<[string, SystemFacts, string, readonly string[]]>([
  ['all is well', good, '/var/lib/lanacme', []],
  ['nothing is there', {}, '/var/lib/lanacme', []],
  ['the env file is for everybody', { envFile: { gid: 0, mode: 0o100644 } }, '/var/lib/lanacme', []],
  [
    'the env file is root alone’s',
    { ...good, envFile: { gid: 0, mode: 0o100600 } },
    '/var/lib/lanacme',
    ['user lanacme cannot read /etc/lanacme/lanacme.env: chgrp lanacme'],
  ],
  [
    'the env file is for the group of root',
    { ...good, envFile: { gid: 0, mode: 0o100640 } },
    '/var/lib/lanacme',
    ['user lanacme cannot read'],
  ],
  [
    'the state folder is of earlier runs of root',
    { ...good, stateDir: { uid: 0 } },
    '/var/lib/lanacme',
    ["/var/lib/lanacme was root's and is user lanacme's now"],
  ],
  [
    'a timer of 0.1.0 is there',
    { ...good, earlierTimer: true },
    '/var/lib/lanacme',
    ['lanacme.timer, of earlier instructions, renews as well'],
  ],
  [
    'an image is made',
    { ...good, isOffline: true },
    '/var/lib/lanacme',
    ['systemd does not run here: it reads the units when it starts'],
  ],
  [
    'npm was run under umask 077',
    { ...good, closedProgram: '/usr/local/lib/node_modules' },
    '/var/lib/lanacme',
    ['user lanacme cannot read /usr/local/lib/node_modules, and so not run lanacme: '],
  ],
  ['the state folder is elsewhere', good, '/srv/acme', ['the state folder is /srv/acme']],
])('%s', (_title, facts, stateDir, notes) => {
  expect(systemNotes(facts, facts, stateDir)).toEqual(
    notes.map((note) => expect.stringContaining(note) as string),
  );
});
