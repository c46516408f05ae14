import { expect, test } from 'vitest';
import { credentialsCommand } from '../../src/cli/credentials.ts';
import { LanacmeError } from '../../src/errors.ts';
import type { CredentialsWiring } from '../../src/ports/credentials.ts';
import { leastIdentity } from '../config/made-host.ts';
import { type Run, runInProcess } from './run-in-process.ts';

const session = {
  accessKeyId: 'ASIA1',
  secretAccessKey: 'the-secret',
  sessionToken: 'the-token',
  expiration: new Date('2026-11-23T11:00:00Z'),
};
const document = {
  AccessKeyId: 'ASIA1',
  SecretAccessKey: 'the-secret',
  SessionToken: 'the-token',
  Expiration: '2026-11-23T11:00:00Z',
};

const identity = Object.entries(leastIdentity).flatMap(([option, value]) => [`--${option}`, value]);

interface Told extends Run {
  /** What was done, in order. */
  readonly done: readonly string[];
  readonly file: string;
}

async function run(
  args: readonly string[],
  changes: Partial<CredentialsWiring> = {},
  present = '[other]\na = b\n',
): Promise<Told> {
  const done: string[] = [];
  let file = present;
  const wiring: CredentialsWiring = {
    source: async () =>
      await Promise.resolve(async () => {
        done.push('asked AWS');
        return await Promise.resolve(session);
      }),
    openFile: async ({ path }) => {
      done.push(`opened ${path}`);
      return await Promise.resolve({
        rewrite: async (change: (present: string) => string) => {
          file = await Promise.resolve(change(file));
          done.push('wrote');
        },
      });
    },
    ...changes,
  };
  const handlers = { credentials: credentialsCommand(() => wiring) } as Parameters<typeof runInProcess>[2];
  const ran = await runInProcess(['credentials', ...identity, ...args], {}, handlers);
  return { ...ran, done, file };
}

test('what credential_process runs prints its one object and nothing else', async () => {
  const { code, stdout, stderr, done } = await run([]);
  expect([code, stderr, done]).toEqual([0, '', ['asked AWS']]);
  expect(JSON.parse(stdout)).toEqual({ Version: 1, ...document });
});

test('JSON is the object of the session', async () => {
  expect(JSON.parse((await run(['--format', 'json'])).stdout)).toEqual(document);
});

test('with --json an external process still finds its members, among those of every command', async () => {
  const { stdout } = await run(['--json']);
  expect(JSON.parse(stdout)).toEqual({ Version: 1, ...document, certificates: [], errors: [] });
});

test('a file is judged before AWS is asked, and its path is all that is printed', async () => {
  const { code, stdout, stderr, done, file } = await run(['--output', '/x/credentials']);
  expect([code, stdout, stderr]).toEqual([0, '/x/credentials\n', '']);
  expect(done).toEqual(['opened /x/credentials', 'asked AWS', 'wrote']);
  expect(file).toMatch(/^\[other\]\na = b\n\n\[default\]\n(.*\n)*aws_session_token = the-token\n$/);
});

test.each(['', 'of a run before', `${JSON.stringify(document)}\n`])(
  'a form of its own has the file for itself, where it held %j',
  async (present) => {
    const { stdout, file } = await run(['--format', 'json', '--output', '/x/session.json'], {}, present);
    expect(stdout).toBe('/x/session.json\n');
    expect(JSON.parse(file)).toEqual(document);
  },
);

test.each(['json', 'env', 'process'])('%s does not take the place of profiles', async (format) => {
  const { code, stderr, file } = await run(['--format', format, '--output', '/x/credentials']);
  expect([code, file]).toEqual([1, '[other]\na = b\n']);
  expect(stderr).toContain('/x/credentials holds profiles');
  expect(stderr).toContain('take --format file');
});

test('with --json the path and the end are told, and no secret', async () => {
  const { stdout } = await run(['--output', '/x/credentials', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    output: '/x/credentials',
    expiration: '2026-11-23T11:00:00Z',
    certificates: [],
    errors: [],
  });
});

test.each([[[]], [['--format', 'env']], [['--output', '/x/credentials']]])(
  'a refusal leaves standard output empty, and the file as it was: %j',
  async (args) => {
    const source = async () =>
      await Promise.resolve(async () => {
        await Promise.resolve();
        throw new LanacmeError('credentials.access-denied', 'AWS IoT refused', { hint: 'attach a policy' });
      });
    const { code, stdout, stderr, file } = await run(args, { source });
    expect([code, stdout, file]).toEqual([1, '', '[other]\na = b\n']);
    expect(stderr).toContain('AWS IoT refused');
  },
);

test('empty credentials are a failure, not a result', async () => {
  const source = async () =>
    await Promise.resolve(async () => await Promise.resolve({ accessKeyId: '', secretAccessKey: '' }));
  const { code, stdout, stderr } = await run([], { source });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('no AWS credentials');
});
