/** What can keep a host's certificate from becoming AWS credentials, whichever service it is shown to. */
import { chmod } from 'node:fs/promises';
import { freePorts } from '../../support/free-ports.ts';
import {
  days,
  encrypted,
  endpoint,
  fileOf,
  forEver,
  greeting,
  identityVariables,
  otherDevice,
  strike,
} from './credentials-arrange.ts';
import { type FaultRow, survived } from './fault-row.ts';

const throttling: readonly FaultRow[] = [
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
    says: /holds no credentials|no credentials but status 200/,
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
    says: /holds no credentials|no credentials but status 200/,
  },
  {
    fault: 'JSON without credentials',
    arrange: strike({ kind: 'other json', body: { credentials: { accessKeyId: 'ASIA' } } }),
    codes: ['credentials.bad-answer'],
    exit: 1,
    says: /holds no credentials|no credentials but status 200/,
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
    arrange: async (scene) => endpoint(scene, `localhost:${(await freePorts(1))[0] ?? 0}`),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'nothing listens at',
  },
  {
    fault: 'the endpoint’s name does not exist',
    arrange: (scene) => endpoint(scene, 'iot.invalid'),
    codes: ['credentials.unreachable'],
    exit: 1,
    says: 'no address found for iot.invalid',
  },
  {
    fault: 'there is no way to the endpoint',
    // The broadcast address: no TCP connection goes there from any network.
    arrange: (scene) => endpoint(scene, '255.255.255.255'),
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
    time: { runs: 2, skips: 2 },
    arrange: strike({ kind: 'delay', milliseconds: 3500 }),
    ...survived,
    requests: { credentials: 1 },
  },
  {
    fault: 'the server hangs; given up within 30 s',
    time: { runs: 5, skips: 2 },
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
      return { [identityVariables(scene).key]: await fileOf(scene, 'other-key.pem', keyPem) };
    },
    codes: ['credentials.key-mismatch'],
    exit: 1,
    requests: {},
  },
  {
    fault: 'the device certificate has expired',
    arrange: async (scene) => await otherDevice(scene, { validity: days(-30, -1) }),
    codes: ['credentials.certificate-expired'],
    exit: 1,
  },
  {
    fault: 'the device certificate is not yet valid',
    arrange: async (scene) => await otherDevice(scene, { validity: days(1, 30) }),
    codes: ['credentials.certificate-not-yet-valid'],
    exit: 1,
  },
  {
    fault: 'the device certificate is not in PEM form',
    arrange: async (scene) => ({
      [identityVariables(scene).cert]: await fileOf(scene, 'device.der', '\u0030\u0082\u0001'),
    }),
    codes: ['credentials.certificate-invalid'],
    exit: 1,
  },
  {
    fault: 'the key is not in PEM form',
    arrange: async (scene) => ({
      [identityVariables(scene).key]: await fileOf(scene, 'device.p8', 'MIGHAgEAMBMGByqGSM49'),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
  },
  {
    fault: 'the key is encrypted, and no password is given',
    arrange: async (scene) => ({
      [identityVariables(scene).key]: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
    says: 'no password is given',
  },
  {
    fault: 'the key is encrypted, and the password is wrong',
    arrange: async (scene) => ({
      [identityVariables(scene).key]: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      [identityVariables(scene).password]: await fileOf(scene, 'password', 'wrong\n'),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
    says: 'does not open with the given password',
  },
  {
    fault: 'the key is encrypted, and the password is right',
    arrange: async (scene) => ({
      [identityVariables(scene).key]: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      [identityVariables(scene).password]: await fileOf(scene, 'password', 'right\n'),
    }),
    ...survived,
  },
  {
    fault: 'the password file is empty',
    arrange: async (scene) => ({
      [identityVariables(scene).key]: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      [identityVariables(scene).password]: await fileOf(scene, 'password', ''),
    }),
    codes: ['credentials.key-invalid'],
    exit: 1,
    says: 'holds no password',
    requests: {},
  },
  {
    fault: 'others may read the password file',
    arrange: async (scene) => ({
      [identityVariables(scene).key]: await fileOf(scene, 'locked.pem', await encrypted(scene, 'right')),
      [identityVariables(scene).password]: await fileOf(scene, 'password', 'right\n', 0o640),
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
    arrange: (scene) => ({ [identityVariables(scene).key]: '/nowhere/device-key.pem' }),
    codes: ['credentials.file-unreadable'],
    exit: 1,
  },
];

export const anyIdentityFaults: readonly FaultRow[] = [
  ...throttling,
  ...bodies,
  ...clocks,
  ...wayThere,
  ...files,
];
