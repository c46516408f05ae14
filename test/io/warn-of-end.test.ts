import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readIdentityCertificate } from '../../src/io/identity-certificate.ts';
import { warnOfEnd } from '../../src/io/warn-of-end.ts';
import type { IdentityFile } from '../../src/ports/identity.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { daysFromNow, makeCa } from '../world/pki.ts';

const day = 86_400_000;
const credentials = { accessKeyId: 'ASIA1', secretAccessKey: 'secret', sessionToken: 'session' };
const signal = new AbortController().signal;

let folder: TempFolder;
let file: string;
let end: Date;
beforeAll(async () => {
  folder = await makeTempFolder('warn-of-end');
  file = join(folder.path, 'device.pem');
  const { certPem } = await (await makeCa()).issueDevice({ validity: daysFromNow(90) });
  await writeFile(file, certPem);
  end = new Date(new X509Certificate(certPem).validTo);
});
afterAll(async () => {
  await folder.remove();
});

function identity(): IdentityFile {
  return { source: 'iot', file, read: async () => await readIdentityCertificate(file, {}) };
}

/** What is said of a certificate when so many days are left, and as many sessions are made at times as many days later. */
async function saidOf(daysLeft: number, later: readonly number[]): Promise<readonly string[]> {
  const log = new FakeLog();
  const start = end.getTime() - daysLeft * day;
  const clock = new FakeClock(new Date(start).toISOString());
  const source = warnOfEnd(async () => await Promise.resolve(credentials), identity(), { clock, log });
  for (const days of later) {
    clock.move(start + days * day - clock.now().getTime());
    expect(await source(signal)).toBe(credentials);
  }
  return log.lines;
}

test('that the host’s certificate ends soon is said with a session, from 30 days before, once a day', async () => {
  const warning = expect.stringMatching(
    /^warn: the device certificate in \S+ ends in \d+ days, on /,
  ) as string;
  expect(await saidOf(31, [0, 0.5])).toEqual([]);
  expect(await saidOf(29, [0, 0.2, 0.9])).toEqual([warning]);
  expect(await saidOf(29, [0, 0.9, 1.1, 1.9, 2.2])).toEqual([warning, warning, warning]);
});

test('a source that fails says why, and nothing else is said', async () => {
  const log = new FakeLog();
  const failing = warnOfEnd(async () => await Promise.reject(new Error('refused')), identity(), {
    clock: new FakeClock(end.toISOString()),
    log,
  });
  await expect(failing(signal)).rejects.toThrow('refused');
  expect(log.lines).toEqual([]);
});
