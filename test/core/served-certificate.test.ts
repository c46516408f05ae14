import { X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseDomain } from '../../src/core/names.ts';
import { checkTarget, leafProblem } from '../../src/core/served-certificate.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

it.each<[text: string, domains: string[], address: string, serverName: string | undefined]>([
  ['nas.lan.example:443', ['nas.lan.example'], 'nas.lan.example:443', 'nas.lan.example'],
  ['NAS.lan.example:443', ['lan.example', '*.lan.example'], 'NAS.lan.example:443', 'nas.lan.example'],
  ['localhost:8443', ['*.lan.example', 'lan.example'], 'localhost:8443', 'lan.example'],
  ['192.0.2.1:443', ['nas.lan.example'], '192.0.2.1:443', 'nas.lan.example'],
  ['[2001:db8::1]:443', ['nas.lan.example'], '[2001:db8::1]:443', 'nas.lan.example'],
  ['localhost:443', ['*.lan.example'], 'localhost:443', undefined],
  ['a.b.lan.example:443', ['*.lan.example'], 'a.b.lan.example:443', undefined],
  ['localhost:443/wiki.lan.example', ['lan.example'], 'localhost:443', 'wiki.lan.example'],
])('the check %s of a certificate for %j', (text, domains, address, serverName) => {
  const expected = { address, ...(serverName === undefined ? {} : { serverName }) };
  expect(checkTarget(text, domains.map(parseDomain))).toEqual(expected);
});

it('another leaf is told by its serial and its end, and something else for what it is', async () => {
  const [wanted, other] = [await makeCertificateFiles(), await makeCertificateFiles()];
  const shown = new X509Certificate(other.cert);
  expect(leafProblem(new X509Certificate(wanted.cert).raw, wanted.cert)).toBeUndefined();
  const until = new Date(shown.validTo).toISOString().replace('.000', '');
  expect(leafProblem(shown.raw, wanted.cert)).toBe(
    `serves another certificate (serial ${shown.serialNumber.toLowerCase()}, good until ${until}) than serial ${new X509Certificate(wanted.cert).serialNumber.toLowerCase()}`,
  );
  expect(leafProblem(Buffer.from('junk'), wanted.cert)).toBe('serves something that is not a certificate');
});
