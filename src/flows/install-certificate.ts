import { recordInstallation, recordOrder } from '../core/deployment.ts';
import { inspectionOf } from '../core/inspection.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { IssuePorts, IssueRequest } from './issue-request.ts';
import type { CertificateOnDisk } from './look-at-certificate.ts';
import type { OrderedCertificate } from './order-certificate.ts';

/** Puts what was issued in place and notes it; its order is forgotten then. */
export async function installCertificate(
  { record: before }: CertificateOnDisk,
  ordered: OrderedCertificate,
  { name, spec, terms, deployHooks }: IssueRequest,
  ports: IssuePorts,
): Promise<CertificateOnDisk> {
  const { cert, chain, fullchain, keyPem, facts, account } = ordered;
  const order = { name, spec, terms, deployHooks };
  const certId = await ports.certId(cert);
  const origin = { account, ...(certId === undefined ? {} : { certId }) };
  await ports.certificates.saveRecord(recordOrder(before, order, { serial: facts.serial, ...origin }));
  const live = await ports.certificates.install(name, { privkey: keyPem, cert, chain, fullchain }, terms);
  const record = recordInstallation(before, {
    ...order,
    version: live.version,
    at: rfc3339(ports.clock.now()),
    inspection: inspectionOf(facts, live.stamp),
    ...origin,
  });
  await ports.certificates.saveRecord(record);
  await ports.orders.remove(name);
  ports.log.info(`installed version ${live.version} at ${live.path}`);
  return { record, live, facts, damage: undefined };
}
