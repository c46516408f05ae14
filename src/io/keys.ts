import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { Keys, KeyType } from '../ports.ts';

const generatePair = promisify(generateKeyPair);

/** Private keys by Node, certificate requests by acme-client, which is loaded when the first is wanted. */
export function makeKeys(): Keys {
  return { generate, certificateRequest };
}

async function generate(type: KeyType): Promise<string> {
  const { privateKey } = await pairOf(type);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

async function pairOf(type: KeyType): ReturnType<typeof generatePair> {
  switch (type) {
    case 'ec256':
      return await generatePair('ec', { namedCurve: 'P-256' });
    case 'ec384':
      return await generatePair('ec', { namedCurve: 'P-384' });
    case 'rsa2048':
      return await generatePair('rsa', { modulusLength: 2048 });
    case 'rsa3072':
      return await generatePair('rsa', { modulusLength: 3072 });
    case 'rsa4096':
      return await generatePair('rsa', { modulusLength: 4096 });
  }
}

async function certificateRequest(keyPem: string, domains: readonly string[]): Promise<Uint8Array> {
  const { createCsr } = await import('./acme-library.ts');
  const pem = await createCsr(keyPem, domains);
  return Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
}
