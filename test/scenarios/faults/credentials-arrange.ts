/** What rows of credentials do to a host. */
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { IotFault } from '../../world/iot-faults.ts';
import type { DeviceCertificateRequest, Validity } from '../../world/pki.ts';
import type { FaultRow, Scene, Variables } from './fault-row.ts';

export type Arrange = (scene: Scene) => Variables;

export const forEver = { times: Infinity } as const;

export function strike(fault: IotFault, where: { readonly times?: number } = {}): Arrange {
  return ({ world }) => {
    world.credentials.faults.add(fault, where);
    return {};
  };
}

/** A file beside the device's own. */
export async function fileOf({ host }: Scene, name: string, content: string, mode = 0o600): Promise<string> {
  const path = join(dirname(host.certFile), name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

/** The variables that say where a host's identity is. */
export function identityVariables({ world }: Scene): Readonly<Record<'cert' | 'key' | 'password', string>> {
  const prefix = world.identity === 'iot' ? 'LANACME_IOT' : 'LANACME_ROLES_ANYWHERE';
  return { cert: `${prefix}_CERT`, key: `${prefix}_KEY`, password: `${prefix}_KEY_PASSWORD_FILE` };
}

/** Where credentials are asked for is somewhere else. */
export function endpoint({ world }: Scene, host: string): Variables {
  return world.identity === 'iot'
    ? { LANACME_IOT_ENDPOINT: host }
    : { LANACME_ROLES_ANYWHERE_ENDPOINT: `https://${host}` };
}

/** Another certificate of the devices' CA, of the host's own name unless a row says otherwise. */
export async function otherDevice(scene: Scene, request: DeviceCertificateRequest = {}): Promise<Variables> {
  const { cert, key } = identityVariables(scene);
  const commonName = `${scene.host.thingName}.lan.example`;
  const issued = await scene.world.deviceCa.issueDevice({ commonName, ...request });
  return {
    [cert]: await fileOf(scene, 'other.pem', issued.certPem),
    [key]: await fileOf(scene, 'other-key.pem', issued.keyPem),
  };
}

/** A server that speaks first, and not TLS. */
export function greeting(words: string): Pick<FaultRow, 'arrange' | 'mend'> {
  const servers = new WeakMap<Scene['host'], Server>();
  return {
    arrange: async (scene) => {
      const server = createServer((socket) => {
        socket
          .on('error', () => undefined)
          .resume()
          .end(words);
      });
      servers.set(scene.host, server);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return endpoint(scene, `localhost:${(server.address() as AddressInfo).port}`);
    },
    mend: async ({ host }) => {
      const server = servers.get(host);
      if (server !== undefined) await once(server.close(), 'close');
    },
  };
}

const dayMs = 24 * 3600 * 1000;
/** From now, in days. */
export const days = (from: number, to: number): Validity => ({
  notBefore: new Date(Date.now() + from * dayMs),
  notAfter: new Date(Date.now() + to * dayMs),
});

/** The host's own key. */
export async function encrypted({ host }: Scene, passphrase: string): Promise<string> {
  const key = createPrivateKey(await readFile(host.keyFile));
  return key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}
