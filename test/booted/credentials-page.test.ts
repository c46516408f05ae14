/** docs/credentials.md by the letter, as root and as the users that it names: a process, a file, an endpoint. */
import { beforeAll, expect, test } from 'vitest';
import { type Block, blocksOf, readBlocks } from '../support/pages.ts';
import { aws, awsPackages, zone } from './aws-programs.ts';
import { movePort } from './credentials-endpoint.ts';
import { useLanHost } from './lan-host.ts';

const host = useLanHost({ identity: 'iot' }, { packages: awsPackages });
const page = await readBlocks('credentials.md');
const ok = { code: 0, stdout: `${zone}\n`, stderr: '' };

/** The role of other programs, which may do one thing. */
function addRole(): void {
  const statement = { Effect: 'Allow', Action: 'route53:ListHostedZonesByName', Resource: '*' } as const;
  const policies = [{ Version: '2012-10-17', Statement: [statement] }] as const;
  host.world.iot.registry.setAlias('backup', { roleName: 'Backup', policies });
}

beforeAll(async () => {
  await host.setUp();
  addRole();
});

/** The blocks of a section that root writes or types, up to that of the program: they have a path, or are commands. */
async function follow(blocks: readonly Block[]): Promise<void> {
  for (const { path, text } of blocks) {
    if (path === undefined) await host.debian.sh(`set -e\n${text}`);
    else await host.debian.write(path, text, path.startsWith('/etc/sudoers.d/') ? 0o440 : 0o644);
  }
}

/** The variables of the page, by which a program of user backup finds its credentials. */
function variablesIn({ text }: Block): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from(text.matchAll(/\b(AWS_[A-Z_]+)=(\S+)/g), ([, name = '', value = '']) => [name, value]),
  );
}

async function expectSessionsOfBackup(): Promise<void> {
  const requests = host.world.iot.requests;
  expect(requests.length).toBeGreaterThan(0);
  for (const { path } of requests) expect(path).toBe('/role-aliases/backup/credentials');
  await host.world.forgetRequests();
}

test('a process that sudo lets one user run', async () => {
  const blocks = blocksOf(page, 'A process');
  await follow(blocks.filter(({ path }) => path !== undefined));
  await host.debian.sh('visudo --check --quiet');
  const line = blocks.find(({ text }) => text.startsWith('credential_process = sudo'))?.text ?? '';
  await host.debian.write('/etc/aws-config', `[default]\n${line}`);
  await host.world.forgetRequests();
  expect(await aws(host, 'backup', { AWS_CONFIG_FILE: '/etc/aws-config' })).toEqual(ok);
  await expectSessionsOfBackup();
});

test('a file that a timer keeps, for a group', async () => {
  const blocks = blocksOf(page, 'A file').slice(1);
  const program = blocks.at(-1);
  if (program === undefined) throw new Error('the page has no program');
  await follow(blocks.slice(0, -1));
  const byFile = variablesIn(program);
  await host.debian.until(`test -e ${byFile['AWS_SHARED_CREDENTIALS_FILE'] ?? ''}`);
  expect(await aws(host, 'backup', byFile)).toEqual(ok);
  expect(await aws(host, 'nobody', byFile)).toMatchObject({ stdout: '' });
  await expectSessionsOfBackup();
});

test('an endpoint, for a group', async () => {
  const url = await movePort(host);
  const [dropIn, token, program] = blocksOf(page, 'An endpoint');
  if (dropIn === undefined || token === undefined || program === undefined) {
    throw new Error('the page has other blocks now');
  }
  await follow([dropIn, token]);
  const byEndpoint = { ...variablesIn(program), AWS_CONTAINER_CREDENTIALS_FULL_URI: url };
  expect(await aws(host, 'backup', byEndpoint)).toEqual(ok);
  expect(await aws(host, 'nobody', byEndpoint)).toMatchObject({ stdout: '' });
  await expectSessionsOfBackup();
});
