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
    '644 /etc/systemd/system/lanacme-credentials-serve.service',
    '644 /etc/systemd/system/lanacme-credentials.service',
    '644 /etc/systemd/system/lanacme-renew.service',
    '644 /etc/systemd/system/lanacme-issue@.service',
    '644 /etc/systemd/system/lanacme-credentials.socket',
    '644 /etc/systemd/system/lanacme-credentials.timer',
    '644 /etc/systemd/system/lanacme-renew.timer',
  ]);
});

test('those of a user stand in their own folder', () => {
  expect(ofUser.map(({ path, mode }) => `${mode.toString(8)} ${path}`)).toEqual([
    '600 /home/lan/.config/lanacme/lanacme.env',
    '644 /home/lan/.config/systemd/user/lanacme-credentials-serve.service',
    '644 /home/lan/.config/systemd/user/lanacme-credentials.service',
    '644 /home/lan/.config/systemd/user/lanacme-renew.service',
    '644 /home/lan/.config/systemd/user/lanacme-issue@.service',
    '644 /home/lan/.config/systemd/user/lanacme-credentials.socket',
    '644 /home/lan/.config/systemd/user/lanacme-credentials.timer',
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
    // Nor does a line that is to be copied into a drop-in.
    expect(text).not.toMatch(/\bExec\w+=(?!"\/opt\/node 22\/bin\/node" \/usr\/local\/lib\/lanacme\.js |\n)/);
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

describe('units that hand out credentials', () => {
  it.each(['lanacme-credentials.service', 'lanacme-credentials-serve.service'] as const)(
    '%s is closed in as what orders is, but for the state folder, which it does not write to',
    (name) => {
      const own = lines(templates[name]);
      // Of the two services only that with a file gives it to a group.
      const isForFile = name === 'lanacme-credentials.service';
      const closing = lines(templates['lanacme-renew.service']).filter((line) =>
        /^(Protect|Private|Inaccessible|Device|RemoveIPC|Keyring|LimitCORE|Capab|Ambient|NoNew|Restrict|Lock|SystemCall|UMask)/.test(
          line,
        ),
      );
      expect(closing.length).toBeGreaterThan(25);
      const otherwise = ['SystemCallFilter=@chown', 'PrivateTmp=yes'];
      expect(own).toEqual(
        expect.arrayContaining(closing.filter((line) => isForFile || !otherwise.includes(line))),
      );
      if (!isForFile) expect(own).toContain('TemporaryFileSystem=/tmp:ro /var/tmp:ro');
      expect(own.join('\n')).not.toContain('StateDirectory=');
    },
  );

  it.each(['', 'user/'] as const)('are started by nothing but what is enabled for them (%j)', (place) => {
    for (const service of ['credentials', 'credentials-serve'] as const)
      expect(templates[`${place}lanacme-${service}.service`]).not.toContain('[Install]');
    expect(lines(templates[`${place}lanacme-credentials.socket`])).toContain(
      'Service=lanacme-credentials-serve.service',
    );
    // Another address is refused by the program, too: test/io/credentials-server.test.ts.
    expect(
      lines(templates[`${place}lanacme-credentials.socket`]).filter((line) => line.startsWith('Listen')),
    ).toEqual(['ListenStream=127.0.0.1:9912']);
  });

  it.each(['', 'user/'] as const)('are in the file as soon as the timer is started (%j)', (place) => {
    const timer = lines(templates[`${place}lanacme-credentials.timer`]);
    // OnActiveSec= would have to wait for RandomizedDelaySec=, too.
    expect(timer).toContain('Wants=lanacme-credentials.service');
    expect(timer.filter((line) => /^On\w+Sec=/.test(line))).toEqual([]);
  });

  it('are refreshed as often for a user as for the system', () => {
    const of = (name: 'lanacme-credentials.timer' | 'user/lanacme-credentials.timer') =>
      lines(templates[name]).filter((line) => !line.startsWith('Documentation='));
    expect(of('user/lanacme-credentials.timer')).toEqual(of('lanacme-credentials.timer'));
  });
});

test('to be stopped, as for a shutdown, is no failure of any unit', () => {
  const services = templateNames.filter((name) => name.endsWith('.service'));
  expect(services.filter((name) => !lines(templates[name]).includes('SuccessExitStatus=SIGTERM'))).toEqual(
    [],
  );
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
