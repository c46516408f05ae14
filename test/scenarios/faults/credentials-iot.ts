/** What can keep a device certificate of AWS IoT from becoming AWS credentials. */
import type { RoleAlias } from '../../world/iot-registry.ts';
import { policyFor } from '../../world/world-policies.ts';
import { anyIdentityFaults } from './credentials-any.ts';
import { type Arrange, otherDevice, strike } from './credentials-arrange.ts';
import type { FaultRow, Scene } from './fault-row.ts';

const roleAlias = 'lanacme';

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
];

const itsOwn: readonly FaultRow[] = [
  {
    fault: 'the clock of the host is two hours fast, by the answer’s Date',
    time: { skips: 20, aheadMs: 2 * 3600 * 1000 },
    arrange: () => ({}),
    codes: ['credentials.already-expired'],
    exit: 1,
    requests: { credentials: 1 },
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
    fault: 'the device certificate is of another account',
    arrange: async (scene) => await otherDevice(scene),
    codes: ['credentials.certificate-refused'],
    exit: 1,
    requests: { credentials: 1 },
  },
];

export const iotFaults: readonly FaultRow[] = [...refusals, ...itsOwn, ...anyIdentityFaults];
