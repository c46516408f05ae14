import { X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { certificateLife } from '../../src/core/certificate-life.ts';
import { readIdentityCertificate } from '../../src/io/identity-certificate.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { makeCa } from '../world/pki.ts';

it('is the first certificate of the file', async () => {
  await withTempFolder(async (folder) => {
    const file = join(folder, 'device.pem');
    const ca = await makeCa();
    const { certPem } = await ca.issueDevice();
    await writeFile(file, `${certPem}${ca.certPem}`);
    const found = await readIdentityCertificate(file, {});
    expect(found?.serial).toBe(new X509Certificate(certPem).serialNumber.toLowerCase());
  });
});

it('is read by Node where it is not in the lines in which certificates are written', async () => {
  await withTempFolder(async (folder) => {
    const { certPem } = await (await makeCa()).issueDevice({ serialNumber: '00c0ffee' });
    const dates = certificateLife(certPem);
    const relabelled = certPem.replaceAll('CERTIFICATE', 'X509 CERTIFICATE');
    expect(certificateLife(relabelled)).toBeUndefined();
    await writeFile(join(folder, 'device.pem'), relabelled);
    const found = await readIdentityCertificate(join(folder, 'device.pem'), {});
    expect(found).toEqual(dates);
    expect(found?.serial).toBe('c0ffee');
  });
});

it.each(['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
  'is nothing where the file holds %j',
  async (text) => {
    await withTempFolder(async (folder) => {
      await writeFile(join(folder, 'device.pem'), text);
      expect(await readIdentityCertificate('credential:device.pem', { credentialsDirectory: folder })).toBe(
        undefined,
      );
    });
  },
);

it('is refused with a sentence where there is no file', async () => {
  await expect(readIdentityCertificate('/nonexistent/device.pem', {})).rejects.toMatchObject({
    code: 'credentials.file-unreadable',
    message: 'cannot read /nonexistent/device.pem: there is no such file',
  });
});
