import { X509Certificate } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as x509 from '@peculiar/x509';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { warningOfIdentity } from '../../src/io/identity-warnings.ts';
import { FakeLog } from '../fakes/log.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type DeviceCertificateRequest, type Issued, makeCa, type TestCa } from '../world/pki.ts';

let ca: TestCa;
let stateDir: TempFolder;
let log: FakeLog;
beforeAll(async () => {
  ca = await makeCa();
});
beforeEach(async () => {
  stateDir = await makeTempFolder('identity-warnings');
  log = new FakeLog();
});
afterEach(async () => {
  await stateDir.remove();
});

/** As lanacme keeps a certificate that it renews. */
async function keep(name: string, certPem: string, number = '0001'): Promise<void> {
  const version = path.join(stateDir.path, 'archive', name, number);
  await mkdir(version, { recursive: true });
  await writeFile(path.join(version, 'cert.pem'), certPem);
}

const deviceExtensions = [
  new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
  new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
];

const leafOf = ({ certPem }: Issued): X509Certificate => new X509Certificate(certPem);
const warned = (leaf: X509Certificate): readonly string[] => {
  warningOfIdentity('/etc/identity.pem', stateDir.path, log)(leaf);
  return log.lines;
};

describe('an identity', () => {
  it('of a private CA is no reason to warn', async () => {
    await keep('broken', 'hello');
    await keep('lan.example', (await ca.issueServer({ names: ['lan.example'] })).certPem);
    expect(warned(leafOf(await ca.issueDevice()))).toEqual([]);
  });

  it.each<[string, DeviceCertificateRequest, string]>([
    [
      'of a public CA',
      { extensions: [...deviceExtensions, new x509.CertificatePolicyExtension(['2.23.140.1.2.1'])] },
      'is of a public CA: whoever can answer a challenge for its name gets the AWS role, and AWS does not support public CAs as trust anchors',
    ],
    ['without a subject', { subject: [] }, 'has an empty subject, which IAM Roles Anywhere does not take'],
  ])('%s is warned of', async (_title, request, what) => {
    expect(warned(leafOf(await ca.issueDevice(request)))).toEqual([
      `warn: the certificate in /etc/identity.pem ${what}`,
    ]);
  });

  it('that lanacme renews itself is warned of, wherever its file lies', async () => {
    const issued = await ca.issueDevice({ commonName: 'lan.example' });
    await keep('other.lan.example', (await ca.issueServer({ names: ['other.lan.example'] })).certPem);
    await keep('lan.example', issued.certPem);
    await keep('lan.example', (await ca.issueServer({ names: ['lan.example'] })).certPem, '0002');
    expect(warned(leafOf(issued))).toEqual([
      'warn: the certificate in /etc/identity.pem is one that lanacme renews with the very role that it opens: once it has ended, nothing can renew it',
    ]);
  });

  it('that OpenSSL reads and we cannot take apart is left to AWS', async () => {
    const leaf = leafOf(await ca.issueDevice({ subject: [] }));
    const unreadable = Object.defineProperty(leaf, 'raw', { value: Buffer.from('30ff', 'hex') });
    expect(warned(unreadable)).toEqual([]);
  });

  it('is warned of once, and the next one again', async () => {
    const warn = warningOfIdentity('/etc/identity.pem', stateDir.path, log);
    const first = leafOf(await ca.issueDevice({ subject: [] }));
    warn(first);
    warn(first);
    expect(log.lines).toHaveLength(1);
    warn(leafOf(await ca.issueDevice({ subject: [] })));
    expect(log.lines).toHaveLength(2);
  });
});
