import type { X509Certificate } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statusCommand } from '../../src/cli/status.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { IssueWorld } from '../flows/issue-world.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type Run, runInProcess } from './run-in-process.ts';

const first = parseCertificateName('a.example');
const second = parseCertificateName('b.example');

describe('lanacme status', () => {
  let folder: TempFolder;
  let world: IssueWorld;

  beforeAll(async () => {
    folder = await makeTempFolder('status');
    world = new IssueWorld(folder.path);
    for (const name of [first, second]) await world.issue({ name });
  });
  afterAll(async () => {
    await folder.remove();
  });

  const status = async (...args: readonly string[]): Promise<Run> =>
    await runInProcess(
      ['status', ...args],
      {},
      { status: statusCommand(async () => await Promise.resolve(world)) },
    );
  const errorsOf = ({ stdout }: Run): readonly unknown[] =>
    (JSON.parse(stdout) as { errors: readonly unknown[] }).errors;

  it('with --check-expiry is content with certificates that are good for longer, and deployed', async () => {
    expect(await status('--check-expiry', '30')).toMatchObject({ code: 0, stderr: '' });
  });

  it('with --check-expiry minds the identity of the host, unless a certificate is named', async () => {
    const noCertificate = async () => await Promise.resolve<X509Certificate | undefined>(undefined);
    Object.assign(world, { identity: { source: 'iot', file: 'device.pem', read: noCertificate } });
    expect(await status()).toMatchObject({ code: 0 });
    const all = await status('--check-expiry', '30', '--json');
    expect(all.code).toBe(1);
    expect(errorsOf(all)).toMatchObject([{ code: 'credentials.certificate-invalid', certificate: null }]);
    expect(await status(first, '--check-expiry', '30')).toMatchObject({ code: 0 });
    Object.assign(world, { identity: undefined });
  });

  it('with --check-expiry fails with one that is not, of all or of the one asked for', async () => {
    world.hooks.failing.set(
      'reload',
      new LanacmeError('hook.failed', 'the hook failed', { hint: 'mend it' }),
    );
    await world.issue({ name: second, deployHooks: ['reload'] });
    const all = await status('--check-expiry', '30', '--json');
    expect(all.code).toBe(1);
    expect(errorsOf(all)).toMatchObject([
      { code: 'certificate.not-deployed', certificate: second, hint: 'mend it' },
    ]);
    expect(await status(first, '--check-expiry', '30')).toMatchObject({ code: 0 });
    expect(await status('--check-expiry', '100')).toMatchObject({ code: 1 });
  });

  it('without --check-expiry tells of it and succeeds', async () => {
    expect(await status()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('NOT DEPLOYED') as string,
    });
  });

  it('tells what is damaged once, and that as it is', async () => {
    await rm(join(world.stateDir, 'archive', first, '0001', 'privkey.pem'));
    const result = await status(first, '--check-expiry', '30', '--json');
    expect(result.code).toBe(1);
    expect(errorsOf(result)).toMatchObject([{ code: 'state.broken', certificate: first }]);
  });

  it('with --check-expiry does not take a host without certificates for a good one', async () => {
    await rm(world.stateDir, { recursive: true });
    expect(await status()).toMatchObject({ code: 0 });
    const result = await status('--check-expiry', '30', '--json');
    expect(result.code).toBe(1);
    expect(errorsOf(result)).toMatchObject([{ code: 'certificate.missing' }]);
  });
});
