import type { CertificateFiles } from '../../src/ports.ts';
import { makeCa, type ServerCertificateRequest } from '../world/pki.ts';

/** The files of a certificate with an intermediate, as an installation gets them. */
export async function makeCertificateFiles(
  request: ServerCertificateRequest = { names: ['lan.example', '*.lan.example'] },
): Promise<CertificateFiles> {
  const chain = await (await makeCa()).issueCa();
  const { certPem: cert, keyPem: privkey } = await chain.issueServer(request);
  return { privkey, cert, chain: chain.certPem, fullchain: cert + chain.certPem };
}
