import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/cli/output.ts';
import { LanacmeError, SeveralErrors } from '../../src/errors.ts';
import { leastIssue } from '../config/made-host.ts';
import { runInProcess } from './run-in-process.ts';

const issue = ['issue', ...Object.entries(leastIssue).map(([option, value]) => `--${option}=${value}`)];
const terminal = { isTerminal: true, environment: { HOME: '/h', NO_COLOR: '1' } };

const row = {
  name: 'lan.example',
  domains: ['*.lan.example'],
  serial: '0a',
  issuer: 'A CA',
  profile: null,
  notBefore: '2026-11-22T10:00:00Z',
  notAfter: '2027-02-20T10:00:00Z',
  renewAt: '2027-01-21T10:00:00Z',
  renewReason: 'a third of its life is left',
  deployed: true,
  path: '/s/live/lan.example',
  keyType: 'ec256',
  error: null,
} as unknown as CommandResult['certificates'][number];

async function resolved(result: Partial<CommandResult>): Promise<CommandResult> {
  return await Promise.resolve({ text: '', certificates: [], failures: [], ...result });
}

const refused = new LanacmeError('route53.access-denied', 'AWS said no', {
  hint: 'allow it',
  details: ['TXT x'],
});
const wait = new LanacmeError('acme.rate-limited', 'the CA is busy', {
  hint: 'later',
  outcome: 'wait',
  retryAt: new Date('2026-11-22T11:00:00Z'),
});

describe('a command that succeeds', () => {
  it('gets its configuration, and its text is all that stands on standard output', async () => {
    const { code, stdout, stderr, configs } = await runInProcess(issue, terminal, {
      issue: async ({ certificate }) => await resolved({ text: `/s/live/${certificate.name}` }),
    });
    expect({ code, stdout, stderr, configs }).toEqual({
      code: 0,
      stdout: '/s/live/lan.example\n',
      stderr: '',
      configs: [],
    });
  });

  it('prints nothing if it has nothing to say', async () => {
    expect(await runInProcess(['status'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  it('prints one object with --json, and no text', async () => {
    const { code, stdout } = await runInProcess([...issue, '--json'], terminal, {
      issue: async () => await resolved({ text: 'a path', certificates: [row] }),
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ certificates: [row], errors: [] });
  });

  it('may have failed in part: the rest stands, the failure is told, the exit code is 1', async () => {
    const { code, stdout, stderr } = await runInProcess([...issue, '--json'], terminal, {
      issue: async () =>
        await resolved({ certificates: [row], failures: [{ error: refused, certificate: 'lan.example' }] }),
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      certificates: [row],
      errors: [
        {
          code: 'route53.access-denied',
          message: 'AWS said no',
          hint: 'allow it',
          certificate: 'lan.example',
          details: ['TXT x'],
        },
      ],
    });
    expect(stderr).toBe(
      'lanacme: AWS said no (route53.access-denied) certificate=lan.example\n    TXT x\nlanacme: hint: allow it\n',
    );
  });
});

describe('a command that fails', () => {
  it.each([
    ['an expected failure', refused, 1, 'route53.access-denied', 'AWS said no'],
    ['being told to wait', wait, 75, 'acme.rate-limited', 'the CA is busy'],
    [
      'wrong usage found late',
      new LanacmeError('names.differ', 'other names', { hint: '', outcome: 'usage' }),
      2,
      'names.differ',
      'other names',
    ],
    [
      'a bug',
      new TypeError('x is not a function'),
      1,
      'internal.bug',
      'unexpected failure: x is not a function',
    ],
  ])('%s: exit code, text and JSON', async (_title, thrown, exit, code, message) => {
    const failing = { issue: async () => await Promise.reject(thrown) };
    const plain = await runInProcess(issue, terminal, failing);
    expect(plain).toMatchObject({ code: exit, stdout: '' });
    expect(plain.stderr).toContain(`lanacme: ${message} (${code}) certificate=lan.example\n`);
    const json = await runInProcess([...issue, '--json'], terminal, failing);
    expect(json.code).toBe(exit);
    expect(JSON.parse(json.stdout)).toMatchObject({
      certificates: [],
      errors: [{ code, message, certificate: 'lan.example' }],
    });
  });

  it('tells all of several failures', async () => {
    const { code, stderr } = await runInProcess(issue, terminal, {
      issue: async () => await Promise.reject(new SeveralErrors([refused, wait])),
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/AWS said no[^]*the CA is busy/);
  });
});

describe('a wrong command line', () => {
  const nothing = { certificates: [] };

  it.each([
    [
      'an unknown command',
      ['isue'],
      'config.unknown-command',
      'unknown command "isue"',
      'did you mean issue?',
    ],
    [
      'a command like none',
      ['frobnicate'],
      'config.unknown-command',
      'unknown command "frobnicate"',
      'lanacme --help lists the commands',
    ],
    [
      'a member of Object',
      ['constructor'],
      'config.unknown-command',
      'unknown command "constructor"',
      'lanacme --help lists the commands',
    ],
    ['no command', [], 'config.unknown-command', 'no command is given', 'lanacme --help lists the commands'],
    [
      'a command of a later version',
      ['doctor'],
      'config.not-in-this-version',
      'lanacme doctor is not in this version',
      'lanacme --help shows what this version can do',
    ],
    [
      'a setting of a later version',
      ['status', '--csr=x'],
      'config.not-in-this-version',
      '--csr is not in this version',
      'lanacme --help shows what this version can do',
    ],
    [
      'a name too many',
      ['status', 'a', 'b'],
      'config.unexpected-argument',
      'unexpected argument "b"',
      'write lanacme status [NAME]',
    ],
    [
      'a name where none is taken',
      [...issue, 'nas.lan.example'],
      'config.unexpected-argument',
      'unexpected argument "nas.lan.example"',
      'write lanacme issue --domain NAME [--domain NAME …]',
    ],
    [
      'an unknown option',
      ['status', '--jsn'],
      'config.unknown-option',
      'unknown option --jsn',
      'did you mean --json?',
    ],
    [
      'a wrong value',
      ['status', '--log-level=loud'],
      'config.invalid-value',
      '--log-level: "loud" is not possible',
      'give debug, info, warn or error',
    ],
  ])('%s is exit 2 and calls no handler', async (_title, argv, code, message, hint) => {
    const plain = await runInProcess(argv, terminal);
    expect(plain).toMatchObject({ code: 2, stdout: '', configs: [] });
    expect(plain.stderr).toBe(`lanacme: ${message} (${code})\nlanacme: hint: ${hint}\n`);
    const json = await runInProcess([...argv, '--json'], terminal);
    expect(json).toMatchObject({ code: 2, stderr: plain.stderr, configs: [] });
    expect(JSON.parse(json.stdout)).toEqual({
      ...nothing,
      errors: [{ code, message, hint, certificate: null }],
    });
  });

  it('has all its problems told at once', async () => {
    const { code, stdout } = await runInProcess(['issue', 'x', '--zonne', 'y', '--force=maybe', '--json']);
    const { errors } = JSON.parse(stdout) as { errors: { message: string }[] };
    expect(code).toBe(2);
    expect(errors.map(({ message }) => message)).toEqual([
      'unexpected argument "x"',
      'unknown option --zonne',
      '--force: "maybe" is neither true nor false',
      '--zone is missing: the LAN zone, the only place where challenge records are written',
      'AWS credentials from IoT need --iot-endpoint, --iot-role-alias, --iot-cert and --iot-key',
      '--domain is missing: a name of the certificate, or several with commas; wildcards and IDNs are welcome',
    ]);
  });

  it('is told with the problems of the options also when the command is unknown', async () => {
    const { stdout } = await runInProcess(['isue', '--zonne=y', '--json=1']);
    expect((JSON.parse(stdout) as { errors: unknown[] }).errors).toHaveLength(2);
  });

  it.each([
    ['in the environment', { environment: { HOME: '/h', LANACME_JSON: 'true' } }],
    ['in the env file', { files: { '/etc/lanacme/lanacme.env': 'LANACME_JSON=1' } }],
  ])('is told as JSON if that is wanted %s', async (_title, situation) => {
    const { stdout } = await runInProcess(['issue'], situation);
    expect(JSON.parse(stdout)).toMatchObject({ certificates: [] });
  });

  it('is told in the wanted format of the log', async () => {
    const { stderr } = await runInProcess(['doctor', '--log-format=json']);
    expect(JSON.parse(stderr)).toMatchObject({ level: 'error', code: 'config.not-in-this-version' });
    const journal = await runInProcess(['doctor', '--log-format=journal']);
    expect(journal.stderr).toMatch(/^<3>lanacme doctor is not in this version; hint: .*\n$/);
  });

  it('cannot forge lines or move the cursor', async () => {
    const { stderr } = await runInProcess(['\x1b[2J\nlanacme: done'], terminal);
    expect(stderr).toMatch(
      /^lanacme: unknown command "[^\x1b\n]*" \(config\.unknown-command\)\nlanacme: hint: [^\n]*\n$/,
    );
  });
});

describe('--version', () => {
  it.each([[['--version']], [['issue', '--version']], [['--version', '--wrong']]])('%j', async (argv) => {
    expect(await runInProcess(argv)).toMatchObject({ code: 0, stdout: '1.2.3\n', stderr: '' });
  });
});

it('words behind -- are names, never options', async () => {
  expect(await runInProcess(['status', '--', '--version'])).toMatchObject({ code: 2, stdout: '' });
});
