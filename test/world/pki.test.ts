import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCa } from './pki.ts';

const validity = { notBefore: new Date('2026-11-01T00:00:00Z'), notAfter: new Date('2026-12-01T00:00:00Z') };

test('a server certificate has every name, DNS and IP, in its SAN and exactly the dates it was asked for', async () => {
  const ca = await makeCa();
  const { certPem, keyPem } = await ca.issueServer({ names: ['localhost', '127.0.0.1', '::1'], validity });
  const certificate = new X509Certificate(certPem);
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(new Date(certificate.validFrom)).toEqual(validity.notBefore);
  expect(new Date(certificate.validTo)).toEqual(validity.notAfter);
  expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
  expect(certificate.verify(new X509Certificate(ca.certPem).publicKey)).toBe(true);
  expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
});

test.for([
  ['ec256', 'ec', 'prime256v1'],
  ['ec384', 'ec', 'secp384r1'],
  ['rsa2048', 'rsa', 2048],
] as const)('a device certificate can carry a key of type %s', async ([keyType, family, detail]) => {
  const ca = await makeCa();
  const { certPem, keyPem } = await ca.issueDevice({ keyType, commonName: 'dashboard' });
  const certificate = new X509Certificate(certPem);
  const key = createPrivateKey(keyPem);
  expect(certificate.subject).toBe('CN=dashboard');
  expect(key.asymmetricKeyType).toBe(family);
  expect(key.asymmetricKeyDetails?.namedCurve ?? key.asymmetricKeyDetails?.modulusLength).toBe(detail);
  expect(certificate.checkPrivateKey(key)).toBe(true);
});

test('two certificates of one request differ in key and serial number', async () => {
  const ca = await makeCa();
  const [first, second] = await Promise.all([ca.issueDevice(), ca.issueDevice()]);
  expect(new X509Certificate(first.certPem).serialNumber).not.toBe(
    new X509Certificate(second.certPem).serialNumber,
  );
  expect(first.keyPem).not.toBe(second.keyPem);
});

test('TLS with client certificates works, over an intermediate too, and a stranger is not authorized', async () => {
  const root = await makeCa();
  const between = await root.issueCa();
  const leaf = await between.issueServer({ names: ['localhost'] });
  const server = createServer({
    cert: leaf.certPem + between.certPem,
    key: leaf.keyPem,
    ca: root.certPem,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const authorizedWith = async (device: { certPem: string; keyPem: string }): Promise<boolean> => {
    const accepted = once(server, 'secureConnection');
    const socket = connect({
      host: '127.0.0.1',
      servername: 'localhost',
      port,
      ca: root.certPem,
      cert: device.certPem,
      key: device.keyPem,
    });
    await once(socket, 'secureConnect');
    expect(socket.authorized).toBe(true);
    const [peer] = (await accepted) as [{ authorized: boolean; destroy: () => void }];
    peer.destroy();
    socket.destroy();
    return peer.authorized;
  };
  try {
    expect(await authorizedWith(await root.issueDevice())).toBe(true);
    expect(await authorizedWith(await (await makeCa()).issueDevice())).toBe(false);
  } finally {
    server.close();
  }
});
