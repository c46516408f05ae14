/** What Route 53, the zone's other writers or the way there can do to a run. */
import { freePorts } from '../../support/free-ports.ts';
import { forEver, strike } from './ca-script.ts';
import { type FaultRow, type Scene, survived, type Variables } from './fault-row.ts';
import {
  atChange,
  atGetChange,
  foreignSet,
  joinOnce,
  leave,
  put,
  refuse,
  removeOnceValidated,
  route53,
  without,
} from './route53-script.ts';

const throttled = refuse(400, 'Throttling', 'Rate exceeded');
const busy = refuse(
  400,
  'PriorRequestNotComplete',
  'The request was rejected because Route 53 was still processing a prior request.',
);
const expired = refuse(403, 'ExpiredToken', 'The security token included in the request is expired');
const change = 'ChangeResourceRecordSets';

const pace: readonly FaultRow[] = [
  {
    fault: 'change: Throttling (400), three times',
    arrange: atChange(throttled, { times: 3 }),
    ...survived,
    requests: { [change]: 5 },
  },
  {
    fault: 'change: Throttling for ever',
    time: { skips: 100 },
    arrange: atChange(throttled, forEver),
    codes: ['route53.throttled', 'route53.throttled'],
    exit: 1,
    says: 'Route 53 throttled',
    uncounted: [change],
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'GetChange: ThrottlingException, twice',
    arrange: atGetChange(refuse(400, 'ThrottlingException', 'Rate exceeded'), { times: 2 }),
    ...survived,
  },
  {
    fault: 'change: PriorRequestNotComplete, twice',
    arrange: atChange(busy, { times: 2 }),
    ...survived,
    requests: { [change]: 4 },
  },
  {
    fault: 'change: PriorRequestNotComplete at the clean-up, twice',
    arrange: atChange(busy, { nth: 2, times: 2 }),
    ...survived,
    requests: { [change]: 4 },
  },
  {
    fault: 'change: PriorRequestNotComplete for ever',
    time: { skips: 100 },
    arrange: atChange(busy, forEver),
    codes: ['route53.throttled', 'route53.throttled'],
    exit: 1,
    says: 'is busy with another change',
    uncounted: [change],
    leftovers: ['a journal entry until the next run'],
  },
];

const lostAnswers: readonly FaultRow[] = [
  {
    fault: 'change: the connection is reset before the batch arrives',
    arrange: atChange({ kind: 'reset before' }),
    ...survived,
    requests: { [change]: 3 },
  },
  {
    fault: 'change: applied, the connection is reset instead of an answer',
    arrange: atChange({ kind: 'reset after' }),
    ...survived,
  },
  {
    fault: 'change: applied, half of the answer',
    arrange: atChange({ kind: 'cut off' }),
    ...survived,
  },
  {
    fault: 'change: applied, 500 instead of an answer',
    arrange: atChange({ kind: 'page after', status: 500 }),
    ...survived,
  },
  {
    fault: 'change: applied, the answer is not XML',
    arrange: atChange({ kind: 'not xml' }),
    ...survived,
  },
  {
    fault: 'change: applied, the answer never comes',
    time: { runs: 5, skips: 5 },
    arrange: atChange({ kind: 'hang', isCarriedOut: true }),
    ...survived,
  },
  {
    fault: 'change: applied, the answer is lost, and a name server tells what is there: no right to list',
    arrange: (scene) => {
      scene.world.setPolicy(without('route53:ListResourceRecordSets'));
      return atChange({ kind: 'reset after' })(scene);
    },
    ...survived,
  },
  {
    fault: 'clean-up: applied, the connection is reset instead of an answer',
    arrange: atChange({ kind: 'reset after' }, { nth: 2 }),
    ...survived,
  },
  {
    fault: 'clean-up: 503 for ever',
    time: { skips: 100 },
    arrange: atChange({ kind: 'page', status: 503 }, { nth: 2, ...forEver }),
    codes: ['route53.server-error'],
    exit: 1,
    says: 'challenge values are left',
    pair: 'new',
    uncounted: [change],
    leftovers: ['challenges until the next run'],
  },
];

const outages: readonly FaultRow[] = [
  {
    fault: 'nothing listens at Route 53',
    arrange: async () => ({ AWS_ENDPOINT_URL_ROUTE_53: `http://127.0.0.1:${(await freePorts(1))[0] ?? 0}` }),
    codes: ['route53.unreachable', 'route53.unreachable'],
    exit: 1,
    says: 'nothing listens at',
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'change: 503 three times',
    arrange: atChange({ kind: 'page', status: 503 }, { times: 3 }),
    ...survived,
    requests: { [change]: 5 },
  },
  {
    fault: 'every request: 500 for ever',
    time: { skips: 100 },
    arrange: route53({ fault: { kind: 'page', status: 500 }, ...forEver }),
    codes: ['route53.server-error', 'route53.server-error'],
    exit: 1,
    uncounted: [change],
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'every request: the connection is reset, always',
    time: { skips: 100 },
    arrange: route53({ fault: { kind: 'reset before' }, ...forEver }),
    codes: ['route53.unreachable', 'route53.unreachable'],
    exit: 1,
    uncounted: [change],
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'every request: a captive portal’s page, status 200',
    time: { skips: 100 },
    arrange: route53({ fault: { kind: 'page', status: 200 }, ...forEver }),
    codes: ['route53.bad-answer', 'route53.bad-answer'],
    exit: 1,
    uncounted: [change],
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'change: a page with status 403, not of AWS',
    arrange: atChange({ kind: 'page', status: 403 }, forEver),
    codes: ['route53.bad-answer', 'route53.bad-answer'],
    exit: 1,
    uncounted: [change],
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'GetChange: reset, 500, half of the answer',
    arrange: route53(
      { operation: 'GetChange', fault: { kind: 'reset before' } },
      { operation: 'GetChange', nth: 2, fault: { kind: 'page', status: 500 } },
      { operation: 'GetChange', nth: 3, fault: { kind: 'cut off' } },
    ),
    ...survived,
  },
  {
    fault: 'GetChange: NoSuchChange, so the name servers are asked',
    arrange: atGetChange(refuse(404, 'NoSuchChange', 'Could not find resource with ID: C0'), forEver),
    ...survived,
  },
  {
    fault: 'the change stays PENDING longer than --dns-timeout',
    time: { skips: 100 },
    arrange: ({ world }) => {
      world.store.delayMs = Infinity;
      return { LANACME_DNS_TIMEOUT: '2min' };
    },
    codes: ['route53.not-insync'],
    exit: 1,
    says: 'still PENDING after 120 s',
  },
];

const rights: readonly FaultRow[] = [
  {
    fault: 'AccessDenied: the role may not change the zone; the batch stands beside AWS’s words',
    arrange: ({ world }) => {
      world.setPolicy(without('route53:ChangeResourceRecordSets'));
      return {};
    },
    codes: ['route53.access-denied'],
    exit: 1,
    says: 'CREATE TXT _acme-challenge.fault.lan.example',
    requests: { [change]: 1 },
  },
  {
    fault: 'AccessDenied: the role is for the thing’s own name, and this is another',
    arrange: ({ world }) => {
      world.setPolicy('own challenge');
      return {};
    },
    codes: ['route53.access-denied'],
    exit: 1,
    says: 'no identity-based policy allows',
    requests: { [change]: 1 },
  },
  {
    fault: 'AccessDenied: GetChange is not allowed, so the name servers are asked',
    arrange: ({ world }) => {
      world.setPolicy(without('route53:GetChange'));
      return {};
    },
    ...survived,
  },
  {
    fault: 'AccessDenied: the zone’s id is not known, and may not be looked up',
    arrange: () => ({ LANACME_ZONE_ID: undefined }),
    codes: ['route53.access-denied'],
    exit: 1,
    says: 'ListHostedZones',
  },
  {
    fault: 'ExpiredToken, once: new credentials are fetched',
    arrange: atChange(expired),
    ...survived,
    requests: { [change]: 3, credentials: 2 },
  },
  {
    fault: 'ExpiredToken for ever',
    arrange: route53({ fault: expired, ...forEver }),
    codes: ['route53.session-refused', 'route53.session-refused'],
    exit: 1,
    says: 'refused the session',
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'InvalidClientTokenId: the session is of another partition',
    arrange: route53({
      fault: refuse(403, 'InvalidClientTokenId', 'The security token included in the request is invalid.'),
      ...forEver,
    }),
    codes: ['route53.session-refused', 'route53.session-refused'],
    exit: 1,
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'SignatureDoesNotMatch, and the clock is right: the secret or the way there is wrong',
    arrange: atChange(
      refuse(403, 'SignatureDoesNotMatch', 'The request signature we calculated does not match'),
      forEver,
    ),
    codes: ['route53.session-refused', 'route53.session-refused'],
    exit: 1,
    says: 'refused the signature',
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'the clock of the host is ten minutes slow (SignatureDoesNotMatch)',
    time: { skips: 20, aheadMs: -600_000 },
    arrange: onlyRoute53MindsTheClock,
    codes: ['route53.clock-skew'],
    exit: 1,
    says: 'refused the time of the request',
  },
  {
    fault: 'the clock of the host is ten minutes fast (RequestExpired)',
    time: { skips: 20, aheadMs: 600_000 },
    arrange: (scene) => {
      onlyRoute53MindsTheClock(scene);
      scene.world.route53.behaviour.skewCode = 'RequestExpired';
      return {};
    },
    codes: ['route53.clock-skew'],
    exit: 1,
    says: 'refused the time of the request',
  },
];

const batches: readonly FaultRow[] = [
  {
    fault: 'InvalidChangeBatch, already exists: values of somebody else are there, and stay',
    arrange: (scene) => {
      scene.world.setPolicy('whole zone');
      put(scene, foreignSet);
      return {};
    },
    ...survived,
    requests: { [change]: 3, ListResourceRecordSets: 1 },
  },
  {
    fault: 'the same without the right to list: a name server tells what is there',
    arrange: (scene) => {
      put(scene, foreignSet);
      scene.world.store.syncAll();
      return {};
    },
    ...survived,
    requests: { [change]: 3, ListResourceRecordSets: 1 },
  },
  {
    fault: 'the same, refused in the other form that AWS has',
    arrange: (scene) => {
      scene.world.setPolicy('whole zone');
      scene.world.route53.behaviour.batchErrorForm = 'InvalidChangeBatch';
      put(scene, foreignSet);
      return {};
    },
    ...survived,
    requests: { [change]: 3, ListResourceRecordSets: 1 },
  },
  {
    fault: 'InvalidChangeBatch, values do not match: somebody joined our set, and their value stays',
    arrange: (scene) => {
      scene.world.setPolicy('whole zone');
      joinOnce(scene);
      return {};
    },
    mend: async (scene) => {
      await Promise.resolve();
      leave(scene);
    },
    ...survived,
    requests: { [change]: 3, ListResourceRecordSets: 1 },
  },
  {
    fault: 'InvalidChangeBatch, not found: somebody has removed our values before we did',
    arrange: (scene) => {
      scene.world.setPolicy('whole zone');
      return strike('order', removeOnceValidated(scene), forEver)(scene);
    },
    ...survived,
    requests: { [change]: 2, ListResourceRecordSets: 1 },
  },
  {
    fault: 'a CNAME of somebody else has the challenge’s name, and leads where this host may not write',
    arrange: (scene) => {
      put(scene, { ...foreignSet, type: 'CNAME', values: ['elsewhere.lan.example.'] });
      return {};
    },
    codes: ['route53.cname-in-the-way'],
    exit: 2,
    says: 'where this host may not write',
  },
  {
    fault: 'InvalidChangeBatch, a CNAME has the challenge’s name and no name server can be asked for it',
    arrange: (scene) => {
      put(scene, { ...foreignSet, type: 'CNAME', values: ['elsewhere.lan.example.'] });
      return { LANACME_NAME_SERVERS: '127.0.0.1:1' };
    },
    codes: ['route53.cname-in-the-way'],
    exit: 1,
    says: 'is a CNAME',
    requests: { [change]: 1 },
  },
  {
    fault: 'InvalidChangeBatch, not permitted in this zone: --zone-id is of another one',
    arrange: ({ world }) => {
      world.setPolicy(without('route53:GetHostedZone'));
      return { LANACME_ZONE_ID: world.store.addZone({ name: 'other.example' }).id };
    },
    codes: ['route53.batch-refused'],
    exit: 1,
    says: 'is not permitted in zone',
    requests: { [change]: 1 },
  },
  {
    fault: 'NoSuchHostedZone',
    arrange: atChange(refuse(404, 'NoSuchHostedZone', 'No hosted zone found with ID: Z0NOSUCHZONE')),
    codes: ['route53.zone-not-found'],
    exit: 1,
    says: 'no hosted zone',
  },
  {
    fault: 'InvalidInput',
    arrange: atChange(refuse(400, 'InvalidInput', 'Invalid XML ; cvc-minLength-valid'), forEver),
    codes: ['route53.refused'],
    exit: 1,
    says: 'cvc-minLength-valid',
  },
  {
    fault: 'the look-up finds no zone of this name',
    arrange: ({ world }) => {
      world.setPolicy(without('route53:GetHostedZone'));
      return { LANACME_ZONE_ID: undefined, LANACME_ZONE: 'fault.lan.example' };
    },
    codes: ['route53.zone-not-found'],
    exit: 1,
    requests: { ListHostedZonesByName: 1 },
  },
];

export const route53Faults: readonly FaultRow[] = [
  ...pace,
  ...lostAnswers,
  ...outages,
  ...rights,
  ...batches,
];

/** Roles Anywhere would refuse it before. */
function onlyRoute53MindsTheClock({ world }: Scene): Variables {
  world.rolesAnywhere.server.toleratedSkewMs = Infinity;
  return {};
}
