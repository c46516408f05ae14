/** docs/credentials.md by the letter: each `aws` on it is a program with an SDK, which calls the small AWS. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '../../support/child-process.ts';
import { freePorts } from '../../support/free-ports.ts';
import { makePageShell, type PageShell } from '../../support/page-shell.ts';
import { blocksOf, readBlocks } from '../../support/pages.ts';
import { startLanacme } from '../../support/run-lanacme.ts';
import { useScene } from '../scene.ts';

const scene = useScene({}, { identity: 'iot' });
const page = await readBlocks('credentials.md');
const zone = 'lan.example.\n';
const client = fileURLToPath(new URL('../../support/aws-client.mjs', import.meta.url));

let shell: PageShell;
/** Where the page has `~/.aws`. */
let own: string;

beforeAll(async () => {
  shell = await makePageShell();
  own = join(shell.path, '.aws');
  await mkdir(own, { mode: 0o700 });
  await shell.addTool('aws', `#!/bin/sh\necho lan.example | '${process.execPath}' '${client}' | tail -n 1\n`);
});
afterAll(async () => {
  await shell.remove();
});
/** The role of other programs, which the page gives its own alias. */
beforeEach(() => {
  const statement = { Effect: 'Allow', Action: 'route53:ListHostedZonesByName', Resource: '*' } as const;
  const policies = [{ Version: '2012-10-17', Statement: [statement] }] as const;
  scene.world.iot.registry.setAlias('backup', { roleName: 'Backup', policies });
});

const block = (title: string, index: number, language = 'sh'): string =>
  (blocksOf(page, title, language)[index]?.text ?? '').replaceAll('/usr/bin/lanacme', 'lanacme');

async function type(lines: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { AWS_ENDPOINT_URL_ROUTE_53: route53 = '', ...env } = scene.host.environment();
  const aws = { AWS_ENDPOINT_URL_ROUTE_53: route53, AWS_EC2_METADATA_DISABLED: 'true' };
  return await shell.type(lines, shell.path, { ...env, ...aws, ...more });
}

/** Which alias each session was for. */
const aliases = (): readonly (string | undefined)[] =>
  scene.world.iot.requests.map(({ path }) => /role-aliases\/([^/]+)/.exec(path)?.[1]);

test('a process: the profile of the page calls AWS with the role of that profile', async () => {
  await writeFile(join(own, 'config'), block('A process', 0, 'ini'));
  expect(await type(block('A process', 0))).toBe(zone);
  expect(aliases()).toEqual(['backup']);
});

test('a process: what stands on standard output has the members of the example', async () => {
  const printed = JSON.parse(await type('lanacme credentials')) as object;
  const shown = JSON.parse(block('A process', 0, 'json')) as object;
  expect(Object.keys(printed)).toEqual(Object.keys(shown));
});

test('a shell: its variables call AWS, and a script ends where there are none', async () => {
  const lines = block('A shell', 0);
  expect(await type(lines)).toBe(zone);
  scene.host.certificate.allowedAliases = [];
  await expect(type(`${lines}echo went on`)).rejects.toThrow('credentials.access-denied');
});

test('a file: the section is written, the rest of the file stays', async () => {
  const file = join(own, 'credentials');
  const others = '# mine\n[default]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n';
  await writeFile(file, others);
  expect(await type(block('A file', 0))).toBe(`${file}\n`);
  expect((await readFile(file, 'utf8')).startsWith(`${others}\n[backup]\n`)).toBe(true);
  expect((await stat(file)).mode & 0o7777).toBe(0o600);
  await writeFile(join(own, 'config'), '');
  expect(await type('AWS_PROFILE=backup aws s3 ls')).toBe(zone);
});

test('a file: what the drop-in of the unit runs can be read by the group', async () => {
  const group = (await run('id', ['-gn'])).trim();
  const [, alias = ''] = /^Environment=(\S+)$/m.exec(block('A file', 0, 'ini')) ?? [];
  const [, command = ''] = /^ExecStart=(.+)$/m.exec(block('A file', 0, 'ini')) ?? [];
  const runtime = join(shell.path, 'run');
  await mkdir(runtime);
  await type(`export ${alias}\n${command.replace('--key-group backup', `--key-group '${group}'`)}`, {
    RUNTIME_DIRECTORY: runtime,
  });
  expect((await stat(join(runtime, 'credentials'))).mode & 0o7777).toBe(0o640);
  const program = block('A file', 2).replace('/run/lanacme-credentials', runtime);
  expect(await type(program)).toBe(zone);
  expect(aliases()).toEqual(['backup']);
});

test('an endpoint: a program with the two variables calls AWS, by the one that is started by hand', async () => {
  const [port = 0] = await freePorts(1);
  const tokenFile = join(shell.path, 'token');
  const words = block('An endpoint', 1).trim().split(' ').slice(1);
  const served = startLanacme(words, {
    env: { ...scene.host.environment(), LANACME_PORT: String(port), LANACME_TOKEN_FILE: tokenFile },
  });
  try {
    await served.says('the token is in');
    const variables = block('An endpoint', 1, 'ini')
      .replace(':9912/', `:${port}/`)
      .replace('/etc/lanacme-credentials-token', tokenFile);
    const lines = variables.replace('[Service]\n', '').replaceAll(/^Environment=/gm, 'export ');
    // Nothing of its own in ~/.aws, which would come first.
    expect(await type(`rm -r ~/.aws\n${lines}aws s3 ls`)).toBe(zone);
    expect(aliases()).toEqual(['backup']);
  } finally {
    served.kill('SIGTERM');
    await served.ended;
  }
});

test('Ansible: the play makes and signs as docs/roles-anywhere.md does', async () => {
  const documented = blocksOf(await readBlocks('roles-anywhere.md'), 'Each host', 'sh');
  const lines = documented.flatMap(({ text }) => text.replaceAll(/\\\n */g, '').split('\n'));
  const typed = lines.flatMap((line) => /^(?:sudo )?(openssl .*)/.exec(line)?.[1] ?? []);
  const play = blocksOf(page, 'Ansible', 'yaml')[1]?.text ?? '';
  const argvs = Array.from(play.matchAll(/argv: \[(openssl[^\]]*)\]/g), ([, words = '']) =>
    words.split(/,\s+/).map((word) => word.replaceAll("'", '')),
  );
  const inPlay = argvs.map((argv) =>
    argv
      .join(' ')
      .replaceAll('{{ inventory_hostname }}.', 'dashboard.')
      .replaceAll('{{ inventory_hostname }}', 'dashboard.lan.example')
      .replace('/etc/lanacme/identity.csr', '/tmp/dashboard.csr'),
  );
  expect(inPlay).toEqual(typed);
});
