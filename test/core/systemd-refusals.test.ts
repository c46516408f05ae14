import { expect, it } from 'vitest';
import { type ProgramFacts, refusals } from '../../src/core/systemd-refusals.ts';

const good = { node: '/usr/bin/node', script: '/usr/local/lib/lanacme/lanacme.js' };
const facts: ProgramFacts = { isSystem: true, distrust: undefined };
const distrust = { path: '/usr/local/lib', problem: 'can be written by its group' };
const unsafe = 'systemd.program-unsafe';

it.each<[string, typeof good, ProgramFacts, readonly string[]]>([
  ['a program of root’s', good, facts, []],
  [
    'a Node that others can replace',
    good,
    { ...facts, distrust },
    [
      `${unsafe}: units would have root run what others can change: /usr/local/lib can be written by its group`,
    ],
  ],
  [
    'the same for a user',
    good,
    { isSystem: false, distrust },
    [
      `${unsafe}: units would have you run what others can change: /usr/local/lib can be written by its group`,
    ],
  ],
  [
    'a Node in a home folder',
    { ...good, node: '/home/me/.nvm/node' },
    facts,
    [
      `${unsafe}: units of the system do not see /home/me/.nvm/node: home folders and temporary ones are closed to them`,
    ],
  ],
  ['the same for a user', { ...good, node: '/home/me/.nvm/node' }, { ...facts, isSystem: false }, []],
  [
    'a path that would expand',
    { ...good, script: '/opt/%h/lanacme.js' },
    facts,
    [`${unsafe}: the path /opt/%h/lanacme.js holds characters that a unit takes for something else`],
  ],
  [
    'a host with the Debian package',
    good,
    { ...facts, packagedUnit: '/usr/lib/systemd/system/lanacme-renew.service' },
    [
      'systemd.packaged: the Debian package of lanacme has its units here already: /usr/lib/systemd/system/lanacme-renew.service',
    ],
  ],
])('%s', (_title, program, found, expected) => {
  expect(refusals(program, found).map(({ code, message }) => `${code}: ${message}`)).toEqual(expected);
});
