/** Programs of others that get AWS credentials from lanacme, against the small AWS. */
import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AwsClient, askByClient, awsClients, clientEnvironment } from '../support/aws-clients.ts';
import { type LanacmeResult, program, runLanacme } from '../support/run-lanacme.ts';
import { formOfSecret } from '../support/secret-search.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

let world: World;
let host: Host;
let folder: string;
let hosts = 0;

beforeAll(async () => {
  world = await startWorld({ route53: { rateLimit: 'none' }, policy: 'whole zone' });
});
afterAll(async () => {
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  host = await world.addHost({ thingName: `host-${hosts}` });
  folder = join(world.folder, `aws-${hosts}`);
  await mkdir(folder, { mode: 0o700 });
  world.setPolicy('whole zone');
  world.iot.faults.clear();
  await world.forgetRequests();
});

const credentials = async (...args: readonly string[]): Promise<LanacmeResult> =>
  await runLanacme(['credentials', ...args], { env: host.environment() });

/** Asks for the zone so often; what the program was told. */
async function ask(
  client: AwsClient,
  times: number,
  changes: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  return await askByClient(client, times, { AWS_ENDPOINT_URL_ROUTE_53: world.route53.url, ...changes });
}

async function configFile(): Promise<string> {
  const path = join(folder, 'config');
  await writeFile(path, `[default]\ncredential_process = "${process.execPath}" "${program}" credentials\n`);
  return path;
}

const zone = 'lan.example.';
const refused = expect.stringMatching(/^refused: /) as string;

describe.each(awsClients)('%s', (client) => {
  it('calls AWS by credential_process, with one session for as long as that lives', async () => {
    const process = { ...host.environment(), AWS_CONFIG_FILE: await configFile() };
    expect(await ask(client, 2, process)).toEqual([zone, zone]);
    expect(world.iot.requests).toHaveLength(1);
  });

  it('calls AWS by the file, and with the profile that is named', async () => {
    const path = join(folder, 'credentials');
    await writeFile(
      path,
      '# mine\n[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = wrong\n',
    );
    const { code } = await credentials('--output', path, '--aws-profile', 'nas');
    expect(code).toBe(0);
    expect(await ask(client, 1, { AWS_SHARED_CREDENTIALS_FILE: path, AWS_PROFILE: 'nas' })).toEqual([zone]);
    expect(await ask(client, 1, { AWS_SHARED_CREDENTIALS_FILE: path })).toEqual([refused]);
    await credentials('--output', path);
    expect(await ask(client, 1, { AWS_SHARED_CREDENTIALS_FILE: path })).toEqual([zone]);
  });

  it('calls AWS by the variables that a shell has taken', async () => {
    const { stdout } = await credentials('--format', 'env');
    const script = join(folder, 'session.sh');
    await writeFile(script, stdout, { mode: 0o600 });
    const printed = await promisify(execFile)('sh', ['-euc', `. '${script}'; env`], { env: {} });
    const entries = printed.stdout
      .split('\n')
      .filter((line) => line.startsWith('AWS_'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
    expect(await ask(client, 1, Object.fromEntries(entries))).toEqual([zone]);
  });

  it('fails when lanacme is refused, and is not told that it has credentials', async () => {
    host.certificate.allowedAliases = [];
    const process = { ...host.environment(), AWS_CONFIG_FILE: await configFile() };
    expect(await ask(client, 1, process)).toEqual([refused]);
    expect(world.route53.requests).toHaveLength(0);
  });
});

describe('lanacme credentials', () => {
  it('prints nothing but the contract of an external process', async () => {
    const { code, stdout, stderr } = await credentials('--format', 'process');
    expect([code, stderr]).toEqual([0, '']);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual([
      'Version',
      'AccessKeyId',
      'SecretAccessKey',
      'SessionToken',
      'Expiration',
    ]);
    expect(stdout.split('\n')).toHaveLength(2);
  });

  it('works wherever an SDK starts it: nothing to read from, and a folder that is gone', async () => {
    const gone = join(folder, 'gone');
    const lines = ['mkdir "$0" && cd "$0" && rmdir "$0"', 'exec "$@" <&-'];
    const { stdout, stderr } = await promisify(execFile)(
      'sh',
      ['-euc', lines.join('\n'), gone, process.execPath, program, 'credentials'],
      { env: { ...host.environment(), PATH: process.env['PATH'] } },
    );
    expect([JSON.parse(stdout), stderr]).toEqual([expect.objectContaining({ Version: 1 }), '']);
  });

  it('makes a file for its owner alone, and leaves no secret anywhere else', async () => {
    const path = join(folder, 'credentials');
    const ran = await credentials('--output', path, '--log-level', 'debug');
    expect(ran).toMatchObject({ code: 0, stdout: `${path}\n` });
    expect((await lstat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['credentials']);
    const [, value = ''] = /^aws_secret_access_key = (.*)$/m.exec(await readFile(path, 'utf8')) ?? [];
    expect(value).not.toBe('');
    const secret = { name: 'secret key', bytes: Buffer.from(value) };
    expect(formOfSecret(secret, `${ran.stdout}${ran.stderr}`)).toBeUndefined();
    await expect(lstat(host.stateDir)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is not its own source: a chain of the SDK that leads back to it ends', async () => {
    const told = join(folder, 'told');
    const config = join(folder, 'config');
    const again = `"${process.execPath}" "${program}" credentials --credentials default`;
    await writeFile(config, `[default]\ncredential_process = ${again} 2>>'${told}'\n`);
    const { code, stdout } = await runLanacme(['credentials', '--credentials', 'default'], {
      env: clientEnvironment({ AWS_CONFIG_FILE: config }),
      limitMs: 20_000,
    });
    expect([code, stdout]).toEqual([1, '']);
    // The SDK starts the process once for each way in which it reads the file.
    const lines = (await readFile(told, 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(2);
    for (const line of lines) expect(line).toContain('and lanacme that chain');
  });

  it('keeps the file as it was when there are no credentials, and says why', async () => {
    const path = join(folder, 'credentials');
    await writeFile(path, 'as it was');
    host.certificate.allowedAliases = [];
    const { code, stdout, stderr } = await credentials('--output', path);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('credentials.access-denied');
    expect(await readFile(path, 'utf8')).toBe('as it was');
  });

  it('asks AWS nothing where it could not write', async () => {
    const { code, stdout } = await credentials('--output', join(folder, 'none', 'credentials'), '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ errors: [{ code: 'credentials.output-unwritable' }] });
    expect(world.iot.requests).toHaveLength(0);
  });
});

describe('with IAM Roles Anywhere', () => {
  let away: World;
  beforeAll(async () => {
    away = await startWorld({
      route53: { rateLimit: 'none' },
      policy: 'whole zone',
      identity: 'roles-anywhere',
    });
  });
  afterAll(async () => {
    await away.stop();
  });

  it.each(awsClients)('%s calls AWS by credential_process all the same', async (client) => {
    const own = away.host.environment();
    expect(await ask(client, 1, { ...own, AWS_CONFIG_FILE: await configFile() })).toEqual([zone]);
    expect(away.credentials.requests.length).toBeGreaterThan(0);
  });
});
