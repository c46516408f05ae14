import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import {
  canStandInUnit,
  isHiddenFromUnits,
  systemFiles,
  templateNames,
  type UnitTemplates,
  userFiles,
} from '../../src/core/systemd-files.ts';
import { isOurs } from '../../src/core/systemd-marker.ts';

const folder = new URL('../../systemd/', import.meta.url);
const templates = Object.fromEntries(
  templateNames.map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
) as UnitTemplates;
const program = { node: '/opt/node 22/bin/node', script: '/usr/local/lib/lanacme.js' };
const ofSystem = systemFiles(templates, program);
const ofUser = userFiles(templates, program, '/home/lan/.config');

/** The lines that systemd reads. */
function lines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

test('the files of the system stand where systemd, sysusers and tmpfiles look for them', () => {
  expect(ofSystem.map(({ path, mode }) => `${mode.toString(8)} ${path}`)).toEqual([
    '644 /etc/sysusers.d/lanacme.conf',
    '644 /etc/tmpfiles.d/lanacme.conf',
    '640 /etc/lanacme/lanacme.env',
    '644 /etc/systemd/system/lanacme-deploy.service',
    '644 /etc/systemd/system/lanacme-renew.service',
    '644 /etc/systemd/system/lanacme-issue@.service',
    '644 /etc/systemd/system/lanacme-renew.timer',
  ]);
});

test('those of a user stand in their own folder', () => {
  expect(ofUser.map(({ path, mode }) => `${mode.toString(8)} ${path}`)).toEqual([
    '600 /home/lan/.config/lanacme/lanacme.env',
    '644 /home/lan/.config/systemd/user/lanacme-renew.service',
    '644 /home/lan/.config/systemd/user/lanacme-issue@.service',
    '644 /home/lan/.config/systemd/user/lanacme-renew.timer',
  ]);
});

test('they are the files of the package, but for the program and the manual pages, which npm does not bring', () => {
  const ofPackage = templates['lanacme-renew.service'];
  const [renew] = ofSystem.filter(({ path }) => path.endsWith('renew.service'));
  expect(lines(renew?.text ?? '')).toEqual(
    lines(ofPackage)
      .filter((line) => !line.startsWith('Documentation='))
      .map((line) => line.replace('/usr/bin/lanacme', '"/opt/node 22/bin/node" /usr/local/lib/lanacme.js')),
  );
});

test('no unit starts another program, and each begins with the line by which it is known', () => {
  for (const { path, text, isTheirs } of [...ofSystem, ...ofUser]) {
    expect([path, isOurs(text)]).toEqual([path, isTheirs !== true]);
    expect(text).not.toMatch(/^Exec\w+=(?!"\/opt\/node 22\/bin\/node" \/usr\/local\/lib\/lanacme\.js )/m);
  }
  expect(ofSystem.filter(({ isTheirs }) => isTheirs).map(({ path }) => path)).toEqual([
    '/etc/lanacme/lanacme.env',
  ]);
});

test('the first certificate is ordered in the same sandbox as the others', () => {
  const sandbox = (name: 'lanacme-renew.service' | 'lanacme-issue@.service') => {
    const all = lines(templates[name]);
    return all.slice(all.indexOf('StateDirectory=lanacme'), all.indexOf('[Install]') + 1 || undefined);
  };
  const renew = sandbox('lanacme-renew.service');
  expect(renew).toContain('NoNewPrivileges=yes');
  expect(sandbox('lanacme-issue@.service')).toEqual([...renew, '[Install]']);
});

test('what runs as root orders nothing, and what orders runs no hook', () => {
  const commands = (['renew', 'issue@', 'deploy'] as const).map((name) =>
    /^ExecStart=.*/m.exec(templates[`lanacme-${name}.service`])?.[0].replace('/usr/bin/', ''),
  );
  expect(commands).toEqual([
    'ExecStart=lanacme renew --no-hooks',
    'ExecStart=lanacme issue --name %i --no-hooks',
    'ExecStart=lanacme deploy',
  ]);
  for (const name of ['renew', 'issue@'] as const)
    expect(lines(templates[`lanacme-${name}.service`])).toContain('User=lanacme');
});

describe('a path in a unit', () => {
  it.each<[string, boolean]>([
    ['/usr/bin/node', true],
    ['/opt/node v22.1+a/bin/node', true],
    ['/opt/100%/node', false],
    ['/opt/$HOME/node', false],
    ['/opt/"x"/node', false],
    ["/opt/it's/node", false],
    ['/opt/a\\b/node', false],
    ['/opt/a\nExecStartPre=/bin/evil', false],
    ['/opt/a;b', false],
    ['/opt/zürich/node', false],
    ['node', false],
    ['', false],
  ])('%j: %s', (path, expected) => {
    expect(canStandInUnit(path)).toBe(expected);
  });

  it.each<[string, boolean]>([
    ['/home/me/.nvm/versions/node/v22/bin/node', true],
    ['/root/lanacme/dist/lanacme.js', true],
    ['/run/user/1000/node', true],
    ['/tmp/lanacme.js', true],
    ['/var/tmp/lanacme.js', true],
    ['/usr/bin/node', false],
    ['/homes/node', false],
    ['/opt/home/node', false],
  ])('%s is hidden from units of the system: %s', (path, expected) => {
    expect(isHiddenFromUnits(path)).toBe(expected);
  });
});
