import { describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/read.ts';
import { variableOf } from '../../src/config/setting.ts';
import { settings } from '../../src/config/settings.ts';
import { asLanacmeErrors } from '../../src/errors.ts';
import { configOf, flags, leastIssue, madeHost, nodeError, problemsOf, type Situation } from './made-host.ts';

const envFile = '/etc/lanacme/lanacme.env';

async function given(option: string, typed: Readonly<Record<string, string>>, situation: Situation) {
  const raw = readSettings({
    command: 'issue',
    flags: flags(typed),
    host: madeHost(situation),
  });
  return raw.given.get(option);
}

describe('precedence', () => {
  const environment = { LANACME_KEY_TYPE: 'rsa2048' };
  const files = { [envFile]: '# ours\nLANACME_KEY_TYPE=rsa3072' };

  it.each([
    ['a flag beats all', { 'key-type': 'ec384' }, { environment, files }, 'ec384', '--key-type', 'flag'],
    [
      'the environment beats the env file',
      {},
      { environment, files },
      'rsa2048',
      'LANACME_KEY_TYPE in the environment',
      'environment',
    ],
    [
      'the env file beats the default',
      {},
      { files },
      'rsa3072',
      `LANACME_KEY_TYPE in line 2 of ${envFile}`,
      'file',
    ],
  ])('%s', async (_title, typed, situation, text, origin, source) => {
    expect(await given('key-type', typed, situation)).toEqual({ texts: [text], origin, source });
  });

  it('ends at the default', async () => {
    expect((await configOf('issue', leastIssue)).certificate.spec.keyType).toBe('ec256');
  });

  it('holds for the proxies and AWS variables, too', async () => {
    const { aws, network } = await configOf('issue', leastIssue, {
      environment: { HOME: '/h', AWS_REGION: 'eu-west-1', AWS_PROFILE: 'env' },
      files: {
        [envFile]: 'AWS_REGION=us-west-2\nAWS_PROFILE=file\nAWS_CONFIG_FILE=/c\nHTTPS_PROXY=http://p:1',
      },
    });
    expect(aws.region).toBe('eu-west-1');
    expect(aws.variables).toEqual({ AWS_CONFIG_FILE: '/c' });
    expect(network.httpsProxy).toBe('http://p:1');
  });
});

describe('every setting', () => {
  const byVariable = [...settings].filter(([, setting]) => setting.built !== false);

  it.each(byVariable.map(([option]) => [option, variableOf(option)]))(
    '--%s is also %s',
    async (option, variable) => {
      const path = option === 'config' ? { files: { x: '' } } : {};
      const found = await given(option, {}, { environment: { [variable]: 'x' }, ...path });
      expect(found).toMatchObject({ texts: ['x'], origin: `${variable} in the environment` });
    },
  );

  const later = [...settings].filter(([, setting]) => setting.built === false).map(([option]) => option);

  it.each(later)('--%s of a later version says so, wherever it stands', async (option) => {
    const variable = variableOf(option);
    const files = { '/f': `${variable}=x` };
    expect(await problemsOf('issue', { ...leastIssue, [option]: 'x', config: '/f' }, { files })).toEqual([
      `config.not-in-this-version: --${option} is not in this version`,
      `config.not-in-this-version: ${variable} in line 1 of /f is not in this version`,
    ]);
  });
});

describe('unknown names', () => {
  it.each([
    [
      'an option',
      { zonne: 'x' },
      {},
      'config.unknown-option',
      'unknown option --zonne',
      'did you mean --zone?',
    ],
    [
      'an option with one dash',
      { '-zone': 'x' },
      {},
      'config.unknown-option',
      'unknown option -zone',
      'did you mean --zone?',
    ],
    [
      'a member of Object',
      { constructor: 'x' },
      {},
      'config.unknown-option',
      'unknown option --constructor',
      'lanacme issue --help lists the options',
    ],
    [
      'a variable',
      {},
      { environment: { LANACME_KEYTYPE: 'x' } },
      'config.unknown-variable',
      'unknown setting LANACME_KEYTYPE in the environment',
      'did you mean LANACME_KEY_TYPE?',
    ],
    [
      'a variable like none',
      {},
      { environment: { LANACME_XYZZY: 'x' } },
      'config.unknown-variable',
      'unknown setting LANACME_XYZZY in the environment',
      'lanacme issue --help lists the options',
    ],
    [
      'a line',
      {},
      { files: { [envFile]: 'LANACME_ZONES=x' } },
      'config.unknown-variable',
      `unknown setting LANACME_ZONES in line 1 of ${envFile}`,
      'did you mean LANACME_ZONE?',
    ],
    [
      'a line that is not ours',
      {},
      { files: { [envFile]: 'PATH=/bin' } },
      'config.unknown-variable',
      `PATH in line 1 of ${envFile} does not belong in the env file`,
      'it may hold LANACME_*, AWS_*, HTTPS_PROXY and NO_PROXY; set others in the environment itself',
    ],
    [
      'an option of another command',
      { 'dry-run': 'true' },
      {},
      'config.unknown-option',
      'lanacme issue does not take --dry-run',
      'lanacme issue --help lists what it takes',
    ],
    [
      'an option given twice',
      { zone: ['a', 'b'] },
      {},
      'config.duplicate',
      '--zone is given 2 times',
      'give --zone once',
    ],
  ] as const)('%s', async (_title, typed, situation, code, message, hint) => {
    const { problems } = readSettings({
      command: 'issue',
      flags: flags(typed),
      host: madeHost(situation),
    });
    expect(problems.map((problem) => [problem.code, problem.message, problem.hint])).toEqual([
      [code, message, hint],
    ]);
  });

  it('what hooks are told is none of ours, but --hook-timeout is a setting like any other', async () => {
    const environment = {
      LANACME_HOOK_NAME: 'x',
      LANACME_HOOK_WHATEVER: 'y',
      LANACME_HOOK_TIMEOUT: '5s',
      HOME: '/h',
    };
    const files = { [envFile]: 'LANACME_HOOK_PATH=/x' };
    expect((await configOf('issue', leastIssue, { environment, files })).hooks.timeoutMs).toBe(5000);
  });

  it('the env file is shared by all commands: what another one takes is no mistake', async () => {
    const files = { [envFile]: 'LANACME_ZONE=lan.example\nLANACME_KEY_TYPE=wrong but not asked for' };
    expect(await problemsOf('status', {}, { files })).toEqual([]);
  });
});

describe('the env file', () => {
  it('is optional where nobody names it', async () => {
    expect(await problemsOf('issue', leastIssue)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, string>>, Situation, string]>([
    [
      'missing, named by a flag',
      { config: '/f' },
      {},
      'the env file /f cannot be read: there is no such file, named by --config',
    ],
    [
      'missing, named by a variable',
      {},
      { environment: { LANACME_CONFIG: '/f' } },
      'the env file /f cannot be read: there is no such file, named by LANACME_CONFIG in the environment',
    ],
    [
      'forbidden, by default',
      {},
      { files: { [envFile]: nodeError('EACCES') } },
      `the env file ${envFile} cannot be read: permission denied`,
    ],
    [
      'a folder',
      { config: '/f' },
      { files: { '/f': nodeError('EISDIR') } },
      'the env file /f cannot be read: it is a folder, named by --config',
    ],
  ])('is an error when it is %s', async (_title, typed, situation, message) => {
    expect(
      await problemsOf('status', typed, {
        ...situation,
        environment: { HOME: '/h', ...situation.environment },
      }),
    ).toEqual([`config.env-file-unreadable: ${message}`]);
  });

  it.each(['issue', 'renew', 'credentials'] as const)(
    'that cannot be read is the one problem of %s: nobody can tell what is missing',
    async (command) => {
      const files = { [envFile]: nodeError('EACCES') };
      const typed = command === 'issue' ? { domain: 'lan.example' } : {};
      expect(await problemsOf(command, typed, { files, environment: { HOME: '/h' } })).toEqual([
        `config.env-file-unreadable: the env file ${envFile} cannot be read: permission denied`,
      ]);
    },
  );

  it('is named by a flag before a variable, and cannot name another', async () => {
    const files = { '/flag': 'LANACME_CONFIG=/other', '/variable': 'wrong' };
    expect(
      await problemsOf(
        'status',
        { config: '/flag' },
        { files, environment: { HOME: '/h', LANACME_CONFIG: '/variable' } },
      ),
    ).toEqual(['config.conflict: LANACME_CONFIG in line 1 of /flag: the env file cannot name an env file']);
  });

  it.each(['https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY', 'AWS_CA_BUNDLE'])(
    'may hold %s',
    async (name) => {
      expect(await problemsOf('status', {}, { files: { [envFile]: `${name}=x` } })).toEqual([]);
    },
  );
});

describe('a secret', () => {
  it('is refused as a flag, and not repeated', async () => {
    const error: unknown = await configOf('issue', { ...leastIssue, 'eab-hmac-key': 'hunter2' }).catch(
      (thrown: unknown) => thrown,
    );
    const [problem] = asLanacmeErrors(error);
    expect(problem?.code).toBe('config.secret-in-argv');
    expect(problem?.message).toBe(
      '--eab-hmac-key would put a secret in argv, where every user of this host can read it',
    );
    expect(problem?.hint).toBe(
      'give --eab-hmac-key-file, or set LANACME_EAB_HMAC_KEY in the environment or the env file',
    );
    expect(JSON.stringify(asLanacmeErrors(error))).not.toContain('hunter2');
  });

  it('is accepted as a variable', async () => {
    const environment = { HOME: '/h', LANACME_EAB_HMAC_KEY: 'c2VjcmV0', LANACME_EAB_KID: 'kid-1' };
    const { account } = await configOf('issue', leastIssue, { environment });
    expect(account.externalAccount).toEqual({ kid: 'kid-1', hmacKey: { text: 'c2VjcmV0' } });
  });
});

it('shows all problems of all sources at once', async () => {
  const situation = {
    environment: { LANACME_ZONEE: 'x', HOME: '/h' },
    files: { [envFile]: 'wrong\nLANACME_DNS_TIMEOUT=soon' },
  };
  expect(
    await problemsOf('issue', { domain: 'x..lan.example', frce: 'true', 'key-type': 'ec512' }, situation),
  ).toEqual([
    'config.unknown-option: unknown option --frce',
    'config.unknown-variable: unknown setting LANACME_ZONEE in the environment',
    `config.env-file-syntax: line 1 of ${envFile}: not of the form NAME=value`,
    'config.invalid-value: --key-type: "ec512" is not possible',
    `config.invalid-value: LANACME_DNS_TIMEOUT in line 2 of ${envFile}: "soon" is not a time that fits`,
    'config.missing: --zone is missing: the LAN zone, the only place where challenge records are written',
    'config.missing: AWS credentials from IoT need --iot-endpoint, --iot-role-alias, --iot-cert and --iot-key',
    'names.invalid: --domain: "x..lan.example" is not a name that a certificate can have: it has an empty label',
  ]);
});
