import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { statusCommand } from '../../src/cli/status.ts';
import { wireStatus } from '../../src/wire.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { daysFromNow, makeCa } from '../world/pki.ts';
import { type Run, runInProcess } from './run-in-process.ts';

describe('lanacme status', () => {
  let folder: TempFolder;
  let file: string;

  beforeEach(async () => {
    folder = await makeTempFolder('status-identity');
    file = join(folder.path, 'device.pem');
  });
  afterEach(async () => {
    await folder.remove();
  });

  const put = async (days: number): Promise<void> => {
    const { certPem } = await (await makeCa()).issueDevice({ validity: daysFromNow(days) });
    await writeFile(file, certPem);
  };
  const status = async (...args: readonly string[]): Promise<Run> =>
    await runInProcess(
      ['status', '--state-dir', join(folder.path, 'state'), ...args],
      {},
      { status: statusCommand(wireStatus) },
    );
  const codesOf = ({ stdout }: Run): readonly string[] =>
    (JSON.parse(stdout) as { errors: readonly { code: string }[] }).errors.map(({ code }) => code);
  const identityOf = ({ stdout }: Run): unknown => (JSON.parse(stdout) as { identity: unknown }).identity;

  it('tells that the device certificate ends within 30 days, until it is replaced on disk', async () => {
    await put(29);
    const soon = await status('--iot-cert', file);
    expect(soon).toMatchObject({ code: 0, stderr: '' });
    expect(soon.stdout).toContain('device certificate for AWS  ENDS SOON: good for 28 more days\n');
    await put(400);
    const good = await status('--iot-cert', file);
    expect(good.stdout).toContain('device certificate for AWS  good for 399 more days\n');
    expect(good.stdout).not.toContain('hint');
  });

  it('tells the same of the certificate for Roles Anywhere, as JSON', async () => {
    await put(29);
    const args = ['--credentials', 'roles-anywhere', '--roles-anywhere-cert', file, '--json'];
    expect(identityOf(await status(...args))).toMatchObject({
      source: 'roles-anywhere',
      file,
      daysLeft: 28,
      error: { code: 'credentials.certificate-ends-soon' },
    });
  });

  it('tells that it has ended', async () => {
    await put(-0.5);
    expect((await status('--iot-cert', file)).stdout).toContain('device certificate for AWS  EXPIRED\n');
  });

  it.each([
    ['has ended', -0.5, ['certificate.missing', 'credentials.certificate-expired']],
    ['ends soon', 3, ['certificate.missing']],
    ['is good', 400, ['certificate.missing']],
  ])('with --check-expiry fails for an identity that %s as told', async (_, days, codes) => {
    await put(days);
    const result = await status('--iot-cert', file, '--check-expiry', '14', '--json');
    expect(result.code).toBe(1);
    expect(codesOf(result)).toEqual(codes);
  });

  it('with --check-expiry fails for an identity that is none, not for one that it may not read', async () => {
    await writeFile(file, 'x');
    const args = ['--check-expiry', '14', '--json'];
    expect(codesOf(await status('--iot-cert', file, ...args))).toContain('credentials.certificate-invalid');
    expect(codesOf(await status('--iot-cert', `${file}.none`, ...args))).toEqual(['certificate.missing']);
  });

  it('does not fail where whoever asks may not read it', async () => {
    const result = await status('--iot-cert', file);
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(result.stdout).toContain('CANNOT BE READ');
    expect(result.stdout).toContain('there is no such file');
  });

  it.each([[[]], [['--credentials', 'default', '--iot-cert', '/none']]])(
    'with %j knows of no such certificate',
    async (args) => {
      expect(identityOf(await status(...args, '--json'))).toBeNull();
      expect((await status(...args)).stdout).not.toContain('for AWS');
    },
  );
});
