/** Root deploys what another user's state folder holds: hooks of root as root, everything else as that user. */
import { chown, lchown, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { recordInstallation } from '../../src/core/deployment.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { isRoot, owner, programForAll } from '../support/as-root.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { OwnEtc } from '../support/own-etc.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const name = parseCertificateName('lan.example');
const files = await makeCertificateFiles({ names: ['lan.example'] });

describe.runIf(isRoot(import.meta.url))('root, deploying from the state folder of another user,', () => {
  let top: TempFolder;
  let program: string;
  let count = 0;
  let folder: string;
  let stateDir: string;
  let etc: OwnEtc;
  let said: string;

  beforeAll(async () => {
    top = await makeTempFolder('deploy-as-root');
    program = await programForAll(top.path);
  });
  afterAll(async () => {
    await top.remove();
  });
  beforeEach(async () => {
    count += 1;
    folder = join(top.path, String(count));
    await mkdir(folder);
    etc = await OwnEtc.make(folder);
    stateDir = join(folder, 'state');
    said = join(folder, 'said');
    await mkdir(said, { mode: 0o777 });
    await chown(said, owner, owner);
    await mkdir(stateDir, { mode: 0o700 });
  });

  const install = async (...deployHooks: readonly string[]): Promise<CertificateRecord> => {
    const certificates = new FileCertificateStore(stateDir);
    const { version } = await certificates.install(name, files);
    const spec = {
      domains: [parseDomain('lan.example')],
      server: 'https://ca.example/dir',
      keyType: 'ec256',
    } as const;
    const at = '2026-11-22T12:00:00Z';
    const record = recordInstallation(undefined, { name, spec, deployHooks, version, at });
    await certificates.saveRecord(record);
    await giveAll(stateDir);
    return record;
  };
  const lanacme = async (...args: readonly string[]): Promise<LanacmeResult> =>
    await runLanacme(args, {
      program,
      ...etc.options,
      env: { LANACME_STATE_DIR: stateDir, LANACME_LOG_FORMAT: 'pretty' },
    });
  const tell = (file: string) => `(id -u; env | grep -E '^(RENEWED|LANACME)' | sort) > ${said}/${file}`;
  const told = async (file: string) => (await readFile(join(said, file), 'utf8').catch(() => '')).split('\n');

  test("runs the certificate's own hooks as that user, and its own as root, once each", async () => {
    await install(tell('own'));
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o600);
    await etc.write('deploy.d/10-x', `#!/bin/sh\n${tell('executable')}\n`, 0o755);
    const result = await lanacme('deploy');
    expect(result).toMatchObject({ code: 0 });
    expect((await told('own'))[0]).toBe(String(owner));
    for (const file of ['file', 'executable']) {
      const [user, ...variables] = await told(file);
      expect(user).toBe('0');
      expect(variables).toContain('RENEWED_DOMAINS=lan.example');
      expect(variables).toContain(`RENEWED_LINEAGE=${stateDir}/live/lan.example`);
    }
  });
});

async function giveAll(path: string): Promise<void> {
  for (const each of ['.', ...(await readdir(path, { recursive: true }))])
    await lchown(join(path, each), owner, owner);
}
