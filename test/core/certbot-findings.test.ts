import { expect, test } from 'vitest';
import {
  type CertbotFindings,
  findingsOf,
  type HandedFindings,
  handedFindings,
} from '../../src/core/certbot-findings.ts';
import { lineageOf } from '../../src/core/certbot-lineage.ts';
import { certbotRenewal } from '../../src/core/certbot-renewal.ts';
import { sharedHookFile } from '../../src/core/hook-file.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

const server = 'https://ca.example/dir';
const renewal = certbotRenewal(`[renewalparams]\nserver = ${server}\nreuse_key = True`, 'nas.conf');
const at = { zone: parseDnsName('lan.example'), now: new Date() };
const found: CertbotFindings = {
  folder: '/etc/letsencrypt',
  lineages: [lineageOf(parseCertificateName('nas'), renewal, await makeCertificateFiles(), at)],
  left: [
    {
      certificate: 'a b',
      error: new LanacmeError('names.invalid', 'it has a blank', { hint: 'rename it', details: ['a b'] }),
    },
  ],
  accounts: new Map([[server, { id: '5639', keyPem: 'key', url: 'https://ca.example/1', contacts: [] }]]),
  sharedHooks: [{ path: '/etc/x', file: sharedHookFile('x', Buffer.from('TOKEN=secret')) }],
  notes: [{ message: 'one' }, { certificate: 'nas', message: 'two' }],
};

test('findings that are handed over as JSON are the same, without the hooks of root', () => {
  const handed = JSON.parse(JSON.stringify(handedFindings(found))) as HandedFindings;
  expect(findingsOf(handed)).toEqual({ ...found, sharedHooks: [] });
  expect(JSON.stringify(handed)).not.toContain('/etc/x');
});
