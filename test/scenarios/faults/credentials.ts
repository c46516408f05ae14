/** What can keep a device certificate from becoming AWS credentials. */
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import type { IotFault } from '../../world/iot-faults.ts';
import type { RoleAlias } from '../../world/iot-registry.ts';
import type { Validity } from '../../world/pki.ts';
import { policyFor } from '../../world/world-policies.ts';
import { type FaultRow, type Scene, survived, type Variables } from './fault-row.ts';

const roleAlias = 'lanacme';

type Arrange = (scene: Scene) => Variables;

const forEver = { times: Infinity } as const;

function strike(fault: IotFault, where: { readonly times?: number } = {}): Arrange {
  return ({ world }) => {
    world.credentials.faults.add(fault, where);
    return {};
  };
}

/** The device is known to AWS in another way. */
function device(change: Partial<Scene['host']['certificate']>): Arrange {
  return ({ host }) => {
    Object.assign(host.certificate, change);
    return {};
  };
}

function alias(about: Partial<RoleAlias>): Arrange {
  return ({ world }) => {
    const policies = [policyFor('challenges of the zone', { name: 'lan.example', id: world.zone.id })];
    world.iot.registry.setAlias(roleAlias, { roleName: 'LanAcme', policies, ...about });
    return {};
  };
}

/** A file beside the device's own. */
async function fileOf({ host }: Scene, name: string, content: string, mode = 0o600): Promise<string> {
  const path = join(dirname(host.certFile), name);
  await writeFile(path, content);
  await chmod(path, mode);
  return path;
}

async function otherDevice(scene: Scene, validity?: Validity): Promise<Variables> {
  const request = validity === undefined ? {} : { validity };
  const { certPem, keyPem } = await scene.world.deviceCa.issueDevice(request);
  return {
    LANACME_IOT_CERT: await fileOf(scene, 'other.pem', certPem),
    LANACME_IOT_KEY: await fileOf(scene, 'other-key.pem', keyPem),
  };
}

/** A server that speaks first, and not TLS. */
function greeting(words: string): Pick<FaultRow, 'arrange' | 'mend'> {
  const servers = new WeakMap<Scene['host'], Server>();
  return {
    arrange: async ({ host }) => {
      const server = createServer((socket) => {
        socket
          .on('error', () => undefined)
          .resume()
          .end(words);
      });
      servers.set(host, server);
      await once(server.listen(0, '127.0.0.1'), 'listening');
      return { LANACME_IOT_ENDPOINT: `localhost:${(server.address() as AddressInfo).port}` };
    },
    mend: async ({ host }) => {
      const server = servers.get(host);
      if (server !== undefined) await once(server.close(), 'close');
    },
  };
}

const dayMs = 24 * 3600 * 1000;
const days = (from: number, to: number): Validity => ({
  notBefore: new Date(Date.now() + from * dayMs),
  notAfter: new Date(Date.now() + to * dayMs),
});

/** `reference/iot-credentials.md` §4, row by row; then what AWS answers besides. */
const refusals: readonly FaultRow[] = [
  {
    fault: 'the certificate is INACTIVE, told by 403',
    arrange: device({ status: 'INACTIVE' }),
    codes: ['credentials.certificate-refused'],
    exit: 1,
    says: 'Certificate is invalid on this endpoint',
    requests: { credentials: 1 },
  },
  {
    fault: 'the certificate is unknown, told by closing the connection',
    arrange: (scene) => {
      scene.world.iot.badCertificates = 'closed';
      return device({ status: 'REVOKED' })(scene);
    },
    codes: ['credentials.certificate-refused'],
    exit: 1,
    says: 'closed the connection',
  },
  {
    fault: 'the thing is not attached to the certificate',
    arrange: device({ things: {} }),
    codes: ['credentials.thing-name-refused'],
    exit: 1,
    says: 'Invalid thing name passed',
    requests: { credentials: 1 },
  },
  {
    fault: 'the thing is another one than the certificate’s',
    arrange: () => ({ LANACME_IOT_THING_NAME: 'somebody-else' }),
    codes: ['credentials.thing-name-refused'],
    exit: 1,
    says: 'somebody-else',
    requests: { credentials: 1 },
  },
  {
    fault: 'no IoT policy is attached to the certificate',
    arrange: device({ allowedAliases: [] }),
    codes: ['credentials.access-denied'],
    exit: 1,
    says: 'Access Denied',
    requests: { credentials: 1 },
  },
  {
    fault: 'the role alias is misspelt: the policy refuses it first',
    arrange: (scene) => {
      device({ allowedAliases: [roleAlias] })(scene);
      return { LANACME_IOT_ROLE_ALIAS: 'lanacmee' };
    },
    codes: ['credentials.access-denied'],
    exit: 1,
    says: 'lanacmee',
    requests: { credentials: 1 },
  },
  {
    fault: 'the role alias does not exist, and the policy would allow it',
    arrange: () => ({ LANACME_IOT_ROLE_ALIAS: 'lanacmee' }),
    codes: ['credentials.role-alias-missing'],
    exit: 1,
    says: 'Role alias does not exist',
    requests: { credentials: 1 },
  },
  {
    fault: 'the role does not exist or does not trust AWS IoT',
    arrange: alias({ isAssumable: false }),
    codes: ['credentials.role-not-assumable'],
    exit: 1,
    says: 'Unable to assume the role',
    requests: { credentials: 1 },
  },
  {
    fault: 'the alias asks for longer sessions than the role allows',
    arrange: alias({ durationSeconds: 7200, maxSessionSeconds: 3600 }),
    codes: ['credentials.duration-too-long'],
    exit: 1,
    says: 'MaxSessionDuration',
    requests: { credentials: 1 },
  },
  {
    fault: 'a data endpoint under a name of one’s own',
    arrange: strike({ kind: 'data endpoint' }),
    codes: ['credentials.wrong-endpoint'],
    exit: 1,
    says: 'is not an IoT credential endpoint',
    requests: { credentials: 1 },
  },
  {
    fault: 'a data endpoint: nothing is sent',
    arrange: () => ({ LANACME_IOT_ENDPOINT: 'a1b2c3d4e5f6g7-ats.iot.eu-central-1.amazonaws.com' }),
    codes: ['config.invalid-value'],
    exit: 2,
    says: 'a data endpoint of AWS IoT',
    requests: {},
  },
  {
    fault: 'no thing name, and the role’s policy is for each thing its own',
    arrange: ({ world }) => {
      world.setPolicy('own challenge');
      return { LANACME_IOT_THING_NAME: undefined };
    },
    codes: ['route53.access-denied'],
    exit: 1,
    says: 'is not authorized to perform',
    requests: { credentials: 1 },
  },
  {
    fault: 'the thing’s name has capitals, and the role’s policy is for each thing its own',
    arrange: (scene) => {
      scene.world.setPolicy('own challenge');
      device({ things: { Fault: undefined } })(scene);
      return { LANACME_IOT_THING_NAME: 'Fault' };
    },
    codes: ['route53.access-denied'],
    exit: 1,
    says: 'is not authorized to perform',
    requests: { credentials: 1 },
  },
  {
    fault: '429, twice',
    arrange: strike({ kind: 'refuse', status: 429, message: 'Rate exceeded' }, { times: 2 }),
    ...survived,
    requests: { credentials: 3 },
  },
  {
    fault: '429 for ever',
    arrange: strike({ kind: 'refuse', status: 429, message: 'Rate exceeded' }, forEver),
    codes: ['credentials.throttled'],
    exit: 1,
    requests: { credentials: 4 },
  },
  {
    fault: '500, three times',
    arrange: strike({ kind: 'refuse', status: 500 }, { times: 3 }),
    ...survived,
    requests: { credentials: 4 },
  },
  {
    fault: '503 for ever',
    arrange: strike({ kind: 'refuse', status: 503 }, forEver),
    codes: ['credentials.server-error'],
    exit: 1,
    requests: { credentials: 4 },
  },
];

const bodies: readonly FaultRow[] = [
  {
    fault: 'an HTML page with status 200',
    arrange: strike({ kind: 'page', status: 200 }),
    codes: ['credentials.bad-answer'],
    exit: 1,
    says: 'holds no credentials',
    requests: { credentials: 1 },
  },
  {
    fault: 'a proxy’s page with status 407',
    arrange: strike({ kind: 'page', status: 407, body: '<h1>Proxy authentication required</h1>' }),
    codes: ['credentials.bad-answer'],
    exit: 1,
    says: 'status 407',
  },
  {
    fault: 'an empty body with status 200',
    arrange: strike({ kind: 'page', status: 200, body: '' }),
    codes: ['credentials.bad-answer'],
    exit: 1,
    says: 'holds no credentials',
  },
  {
    fault: 'JSON without credentials',
    arrange: strike({ kind: 'other json', body: { credentials: { accessKeyId: 'ASIA' } } }),
    codes: ['credentials.bad-answer'],
    exit: 1,
    says: 'holds no credentials',
  },
  {
    fault: 'half of the answer, once',
    arrange: strike({ kind: 'half' }),
    ...survived,
    requests: { credentials: 2 },
  },
  {
    fault: 'half of the answer, always',
    arrange: strike({ kind: 'half' }, forEver),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'is not whole',
    requests: { credentials: 4 },
  },
  {
    fault: 'garbage, not HTTP',
    arrange: strike({ kind: 'garbage' }, forEver),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'is not whole',
    requests: { credentials: 4 },
  },
  {
    fault: 'a body of ten megabytes',
    arrange: strike({ kind: 'huge', bytes: 10 << 20 }),
    codes: ['credentials.bad-answer'],
    exit: 1,
    says: 'is larger than 65536 bytes',
    requests: { credentials: 1 },
  },
  {
    fault: 'credentials that have expired already',
    arrange: strike({ kind: 'expired' }),
    codes: ['credentials.already-expired'],
    exit: 1,
    requests: { credentials: 1 },
  },
  {
    fault: 'the clock of the host is two hours fast, by the answer’s Date',
    time: { skips: 20, aheadMs: 2 * 3600 * 1000 },
    arrange: () => ({}),
    codes: ['credentials.already-expired'],
    exit: 1,
    requests: { credentials: 1 },
  },
];

const clocks: readonly FaultRow[] = [
  {
    fault: 'AWS’s clock is ten minutes ahead, by the answer’s Date: a warning',
    arrange: strike({ kind: 'wrong date', offsetMs: 600_000 }),
    ...survived,
    requests: { credentials: 1 },
  },
];

const wayThere: readonly FaultRow[] = [
  {
    fault: 'nothing listens at the endpoint',
    arrange: async () => ({ LANACME_IOT_ENDPOINT: `localhost:${(await freePorts(1))[0] ?? 0}` }),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'nothing listens at',
  },
  {
    fault: 'the endpoint’s name does not exist',
    arrange: () => ({ LANACME_IOT_ENDPOINT: 'iot.invalid' }),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'no address found for iot.invalid',
  },
  {
    fault: 'there is no way to the endpoint',
    // The broadcast address: no TCP connection goes there from any network.
    arrange: () => ({ LANACME_IOT_ENDPOINT: '255.255.255.255' }),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'no way to 255.255.255.255',
    requests: {},
  },
  {
    fault: 'something answers at the endpoint that speaks no TLS',
    ...greeting('SSH-2.0-OpenSSH_10.0\r\n'),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'no TLS connection with',
    requests: {},
  },
  {
    fault: 'the server’s certificate is none of Amazon’s',
    arrange: () => ({ LANACME_IOT_CA: undefined }),
    codes: ['credentials.server-untrusted'],
    exit: 1,
    says: 'is not trusted',
    requests: {},
  },
  {
    fault: 'the connection is reset, once',
    arrange: strike({ kind: 'reset' }),
    ...survived,
    requests: { credentials: 2 },
  },
  {
    fault: 'the connection is reset, always',
    arrange: strike({ kind: 'reset' }, forEver),
    codes: ['credentials.unreachable'],
    exit: 1,
    requests: { credentials: 4 },
  },
  {
    fault: 'the server is slow: seven seconds',
    time: { runs: 10, skips: 2 },
    arrange: strike({ kind: 'delay', milliseconds: 700 }),
    ...survived,
    requests: { credentials: 1 },
  },
  {
    fault: 'the server hangs; given up within 30 s',
    time: { runs: 10, skips: 2 },
    arrange: strike({ kind: 'hang' }, forEver),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'within 10 s',
    uncounted: ['credentials'],
  },
];

const files: readonly FaultRow[] = [
  {
    fault: 'the key is of another certificate',
    arrange: async (scene) => {
      const { keyPem } = await scene.world.deviceCa.issueDevice();
      return { LANACME_IOT_KEY: await fileOf(scene, 'other-key.pem', keyPem) };
    },
    codes: ['credentials.key-mismatch'],
    exit: 1,
    requests: {},
  },
  {
    fault: 'the device certificate has expired',
    arrange: async (scene) => await otherDevice(scene, days(-30, -1)),
    codes: ['credentials.certificate-expired'],
    exit: 1,
  },
  {
    fault: 'the device certificate is not yet valid',
    arrange: async (scene) => await otherDevice(scene, days(1, 30)),
    codes: ['credentials.certificate-not-yet-valid'],
    exit: 1,
  },
  {
    fault: 'the device certificate is of another account',
    arrange: async (scene) => await otherDevice(scene),
    codes: ['credentials.certificate-refused'],
    exit: 1,
    requests: { credentials: 1 },
  },
  {
    fault: 'the device certificate is not in PEM form',
    arrange: async (scene) => ({ LANACME_IOT_CERT: await fileOf(scene, 'device.der', '\u0030\u0082\u0001') }),
    codes: ['credentials.certificate-invalid'],
    exit: 1,
  },
  {
    fault: 'the key is not in PEM form',
    arrange: async (scene) => ({ LANACME_IOT_KEY: await fileOf(scene, 'device.p8', 'MIGHAgEAMBMGByqGSM49') }),
    codes: ['credentials.key-invalid'],
    exit: 1,
  },
  {
    fault: 'the key is encrypted, and no password is given',
    arrange: async (scene) => ({
      LANACME_IOT_KEY: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
    says: 'no password is given',
  },
  {
    fault: 'the key is encrypted, and the password is wrong',
    arrange: async (scene) => ({
      LANACME_IOT_KEY: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      LANACME_IOT_KEY_PASSWORD_FILE: await fileOf(scene, 'password', 'wrong\n'),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
    says: 'does not open with the given password',
  },
  {
    fault: 'the key is encrypted, and the password is right',
    arrange: async (scene) => ({
      LANACME_IOT_KEY: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      LANACME_IOT_KEY_PASSWORD_FILE: await fileOf(scene, 'password', 'right\n'),
    }),
    ...survived,
  },
  {
    fault: 'the password file is empty',
    arrange: async (scene) => ({
      LANACME_IOT_KEY: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      LANACME_IOT_KEY_PASSWORD_FILE: await fileOf(scene, 'password', ''),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
    says: 'holds no password',
    requests: {},
  },
  {
    fault: 'others may read the password file',
    arrange: async (scene) => ({
      LANACME_IOT_KEY: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      LANACME_IOT_KEY_PASSWORD_FILE: await fileOf(scene, 'password', 'right\n', 0o640),
    }),
    codes: ['credentials.key-exposed'],
    exit: 1,
    requests: {},
  },
  {
    fault: 'others may read the key',
    arrange: async (scene) => {
      await chmod(scene.host.keyFile, 0o644);
      return {};
    },
    codes: ['credentials.key-exposed'],
    exit: 1,
  },
  {
    fault: 'there is no such key file',
    arrange: () => ({ LANACME_IOT_KEY: '/nowhere/device-key.pem' }),
    codes: ['credentials.file-unreadable'],
    exit: 1,
  },
];

async function encrypted({ host }: Scene, passphrase: string): Promise<string> {
  const key = createPrivateKey(await readFile(host.keyFile));
  return key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

export const credentialFaults: readonly FaultRow[] = [
  ...refusals,
  ...bodies,
  ...clocks,
  ...wayThere,
  ...files,
];
