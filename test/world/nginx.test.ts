import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/child-process.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type Nginx, startNginx } from './nginx.ts';
import { makeCa, type TestCa } from './pki.ts';

const name = 'www.lan.example';
let [folder, ca, nginx]: [TempFolder | undefined, TestCa | undefined, Nginx | undefined] = [
  undefined,
  undefined,
  undefined,
];

/** Another certificate at the place that it reads. */
async function renew(live: string): Promise<string> {
  const { certPem, keyPem } = (await ca?.issueServer({ names: [name] })) ?? { certPem: '', keyPem: '' };
  await writeFile(join(live, 'fullchain.pem'), certPem);
  await writeFile(join(live, 'privkey.pem'), keyPem);
  return new X509Certificate(certPem).serialNumber;
}

async function serveAnother(nginx: Nginx, live: string): Promise<string> {
  const serial = await renew(live);
  await run('/bin/sh', ['-c', nginx.reload]);
  // The master reads its files at its leisure.
  await nginx.serves(name, serial);
  return serial;
}

beforeAll(async () => {
  [folder, ca] = [await makeTempFolder('nginx-test'), await makeCa()];
  await renew(folder.path);
  nginx = await startNginx({ sites: { [name]: folder.path } });
});
afterAll(async () => {
  await nginx?.stop();
  await folder?.remove();
});

function started(): { readonly nginx: Nginx; readonly live: string } {
  if (nginx === undefined || folder === undefined) throw new Error('it is not running');
  return { nginx, live: folder.path };
}

test('a new certificate is served after a reload, and not before', async () => {
  const { nginx, live } = started();
  const before = (await nginx.leaf(name)).serialNumber;
  const after = await renew(live);
  expect((await nginx.leaf(name)).serialNumber).toBe(before);
  await run('/bin/sh', ['-c', nginx.reload]);
  await nginx.serves(name, after);
});

test('a configuration that is broken fails a reload that judges it, and not one that only signals', async () => {
  const { nginx, live } = started();
  const before = await serveAnother(nginx, live);
  await nginx.appendToConfiguration('no_such_directive;\n');
  const after = await renew(live);
  await expect(run('/bin/sh', ['-c', nginx.reload])).rejects.toThrow('unknown directive');
  await run('/bin/sh', ['-c', nginx.hangUp]);
  await nginx.serves(name, before);
  await nginx.appendToConfiguration('');
  await run('/bin/sh', ['-c', nginx.hangUp]);
  await nginx.serves(name, after);
});

test('a certificate whose key is another fails the reload, and the old pair stays', async () => {
  const { nginx, live } = started();
  const before = await serveAnother(nginx, live);
  const { keyPem } = (await ca?.issueServer({ names: [name] })) ?? { keyPem: '' };
  await writeFile(join(live, 'privkey.pem'), keyPem);
  await expect(run('/bin/sh', ['-c', nginx.reload])).rejects.toThrow('key values mismatch');
  await nginx.serves(name, before);
});

test('one that cannot start is told with what it printed', async () => {
  const { live } = started();
  await expect(startNginx({ sites: { [name]: join(live, 'nowhere') } })).rejects.toThrow(
    /it ended at once[^]*cannot load certificate/,
  );
});

test('after stop nothing of it is left running', async () => {
  const { live } = started();
  await renew(live);
  const other = await startNginx({ sites: { [name]: live } });
  await other.stop();
  expect(() => process.kill(other.pid, 0)).toThrow('ESRCH');
});
