import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quoteTxt } from '../../src/core/challenge-value.ts';
import { createSets } from '../../src/core/compare-and-swap.ts';
import { type GuardedBatch, guard } from '../../src/core/guard.ts';
import { leastPolicy, policyLines } from '../../src/core/least-policy.ts';
import { parseDnsName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import { makeRoute53, type Route53Options } from '../../src/io/route53.ts';
import type { Route53 } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { AwsSessions } from '../world/aws-sessions.ts';
import { administratorPolicy, type PolicyDocument } from '../world/iam-policy.ts';
import { makeCa } from '../world/pki.ts';
import type { Fault } from '../world/route53-faults.ts';
import {
  type Route53Server,
  type Route53Options as ServerOptions,
  startRoute53,
} from '../world/route53-server.ts';
import { ZoneStore } from '../world/zone-store.ts';
import { closedPort } from './tls-server.ts';

const zone = parseDnsName('lan.example');
const name = parseDnsName('_acme-challenge.nas.lan.example');
const zoneId = 'Z0123456789EXAMPLE';
const record = { name, value: quoteTxt('a'.repeat(43)) };
const batch: GuardedBatch = guard(
  createSets([record]),
  { zone, zoneId, aliases: [], journalled: [record] },
  'lanacme nas',
);
const signal = new AbortController().signal;

let store: ZoneStore;
let sessions: AwsSessions;
let clock: FakeClock;
let log: FakeLog;
let fetched: number;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(() => {
  store = new ZoneStore();
  store.addZone({ name: 'lan.example', id: zoneId });
  sessions = new AwsSessions();
  clock = new FakeClock(new Date().toISOString());
  log = new FakeLog();
  fetched = 0;
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function serve(options: Partial<ServerOptions> = {}): Promise<Route53Server> {
  const server = await startRoute53({ store, sessions, rateLimit: 'none', ...options });
  cleanups.push(async () => {
    await server.close();
  });
  return server;
}

function connect(
  endpoint: string,
  more: Partial<Route53Options> & { readonly policies?: readonly PolicyDocument[] } = {},
): Route53 {
  const { policies = [administratorPolicy], ...options } = more;
  const route53 = makeRoute53({
    credentials: async () => {
      fetched += 1;
      return await Promise.resolve(sessions.issue({ roleName: 'lan', sessionName: 'nas', policies }));
    },
    endpoint,
    region: 'us-east-1',
    http: makeHttpClient({ headersTimeoutMs: 100 }),
    clock,
    random: { number: () => 0.5, hex: () => '00' },
    log,
    ...options,
  });
  cleanups.push(async () => {
    await route53.close();
  });
  return route53;
}

async function refusalOf(asking: Promise<unknown>): Promise<LanacmeError> {
  const error: unknown = await asking.then(
    (value: unknown) => new Error(`it answered ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof LanacmeError)) throw error;
  return error;
}

const allow = (...actions: string[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: actions, Resource: '*' },
});

describe('the hosted zones of a name', () => {
  const many = () => {
    for (let index = 0; index < 130; index += 1) {
      store.addZone({ name: 'lan.example', isPrivate: true });
      store.addZone({ name: `host${index}.example` });
    }
  };

  it('come from as many pages as they fill', async () => {
    many();
    const server = await serve();
    expect(await connect(server.url).hostedZones(zone, signal)).toHaveLength(131);
    expect(server.requests.map(({ operation }) => operation)).toEqual([
      'ListHostedZonesByName',
      'ListHostedZonesByName',
    ]);
  });

  it('come from the whole list if only that may be read', async () => {
    many();
    const server = await serve();
    const zones = await connect(server.url, { policies: [allow('route53:ListHostedZones')] }).hostedZones(
      zone,
      signal,
    );
    expect(zones).toHaveLength(131);
    expect(server.count('ListHostedZones')).toBe(3);
  });

  it('cannot be told without either right', async () => {
    const server = await serve();
    const error = await refusalOf(
      connect(server.url, { policies: [allow('route53:GetChange')] }).hostedZones(zone, signal),
    );
    expect(error.code).toBe('route53.access-denied');
    expect(error.message).toMatch(
      /^Route 53 denied ListHostedZones: User: arn:aws:sts::\d+:assumed-role\/lan\/nas is not authorized to perform: route53:ListHostedZones/,
    );
    expect(error.hint).toContain('with --zone-id it is not needed');
  });
});

describe('the record sets of a name', () => {
  it('come from as many pages as they fill', async () => {
    const set = { name: `${name}.`, type: 'TXT', ttl: 10, values: ['"x"'], multiValueAnswer: true };
    store.addZone({
      name: 'lan.example',
      id: 'ZFULL',
      records: Array.from({ length: 100 }, (_, index) => ({ ...set, setIdentifier: `set ${index}` })),
    });
    const server = await serve();
    expect(await connect(server.url).recordSets('ZFULL', name, signal)).toHaveLength(100);
    // The name is full, and Route 53 says that another one follows.
    expect(server.count('ListResourceRecordSets')).toBe(1);
  });

  it('are asked for once where they may not be read', async () => {
    const server = await serve();
    const route53 = connect(server.url, { policies: [allow('route53:ChangeResourceRecordSets')] });
    const refusals = [
      await refusalOf(route53.recordSets(zoneId, name, signal)),
      await refusalOf(route53.recordSets(zoneId, parseDnsName('_acme-challenge.lan.example'), signal)),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(['route53.access-denied', 'route53.access-denied']);
    expect(refusals[0]?.details.slice(-3)).toEqual([
      'the least IAM policy that allows it:',
      '{"Version":"2012-10-17","Statement":[',
      ` {"Effect":"Allow","Action":"route53:ListResourceRecordSets","Resource":"arn:aws:route53:::hostedzone/${zoneId}"}]}`,
    ]);
    expect(server.count('ListResourceRecordSets')).toBe(1);
  });

  it.each([
    ['GeoProximityLocation', '<Bias>1</Bias>', 'geoproximity'],
    ['TrafficPolicyInstanceId', 'abc', 'traffic policy'],
    ['Unheard', 'of', 'unknown'],
  ])(
    'that has %s is told: what lanacme could not repeat, it leaves alone',
    async (member, content, routing) => {
      const server = await serve();
      const inside = `<SetIdentifier>x</SetIdentifier><TTL>10</TTL><ResourceRecords></ResourceRecords><${member}>${content}</${member}>`;
      server.faults.add({ fault: { kind: 'page', status: 200, body: pageWith(inside) } });
      expect(await connect(server.url).recordSets(zoneId, name, signal)).toMatchObject([
        { name, setIdentifier: 'x', routing },
      ]);
    },
  );

  it.each(['', '<SetIdentifier>x</SetIdentifier><MultiValueAnswer>true</MultiValueAnswer>'])(
    'that has a health check is told, too: %s',
    async (style) => {
      const server = await serve();
      const inside = `${style}<TTL>10</TTL><ResourceRecords></ResourceRecords><HealthCheckId>h</HealthCheckId>`;
      server.faults.add({ fault: { kind: 'page', status: 200, body: pageWith(inside) } });
      expect(await connect(server.url).recordSets(zoneId, name, signal)).toMatchObject([
        { name, routing: 'health-checked' },
      ]);
    },
  );
});

const pageWith = (
  inside: string,
): string => `<ListResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceRecordSets>
<ResourceRecordSet><Name>${name}.</Name><Type>TXT</Type>${inside}</ResourceRecordSet></ResourceRecordSets>
<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListResourceRecordSetsResponse>`;

describe('what passes is asked again', () => {
  it.each<[string, Fault]>([
    ['status 500', { kind: 'refuse', status: 500, code: 'InternalFailure', message: 'oops' }],
    ['a page with status 503', { kind: 'page', status: 503 }],
    ['a reset before the change', { kind: 'reset before' }],
  ])('after %s', async (_title, fault) => {
    const server = await serve();
    server.faults.add({ fault, times: 3 });
    expect(await connect(server.url).change(batch, signal)).toMatchObject({ kind: 'accepted' });
    expect(server.count()).toBe(4);
    expect(clock.slept).toEqual([500, 1000, 2000]);
    expect(fetched).toBe(1);
  });

  it.each([
    ['Throttling', 'Rate exceeded'],
    ['ThrottlingException', 'Rate exceeded'],
    ['PriorRequestNotComplete', 'still processing'],
  ])('after %s, by all who share the account at another time within 20 s', async (code, message) => {
    const server = await serve();
    server.faults.add({ fault: { kind: 'refuse', status: 400, code, message }, times: 3 });
    expect(await connect(server.url).recordSets(zoneId, name, signal)).toEqual([]);
    expect([server.count(), fetched]).toEqual([4, 1]);
    expect(clock.slept.filter((milliseconds) => milliseconds === 10_000)).toHaveLength(3);
  });

  it('and counted as often as it is sent', async () => {
    const server = await serve();
    server.faults.add({ fault: { kind: 'page', status: 503 }, times: 2 });
    const counted: string[] = [];
    await connect(server.url, { count: (operation) => counted.push(operation) }).change(batch, signal);
    expect(counted).toEqual(server.requests.map(({ operation }) => operation));
    expect(counted).toEqual(Array(3).fill('ChangeResourceRecordSets'));
  });

  it('but for a change that was throttled: what it builds on is read again first', async () => {
    const server = await serve();
    const throttled: Fault = { kind: 'refuse', status: 400, code: 'Throttling', message: 'Rate exceeded' };
    server.faults.add({ fault: throttled, times: 5 });
    const route53 = connect(server.url);
    for (const sent of [1, 2, 3]) {
      const answer = await route53.change(batch, signal);
      expect(answer).toMatchObject({ kind: 'refused', refusals: [{ kind: 'values-differ', name }] });
      expect([server.count(), store.changes(zoneId).length]).toEqual([sent, 0]);
    }
    // Throttled each time, it is sent until there is an answer.
    expect(await route53.change(batch, signal)).toMatchObject({ kind: 'accepted' });
    expect(server.count()).toBe(6);
  });

  it.each<[string, Fault]>([
    ['reset', { kind: 'reset after' }],
    ['cut off', { kind: 'cut off' }],
    ['not XML', { kind: 'not xml' }],
    ['not given in time', { kind: 'hang', isCarriedOut: true }],
  ])(
    'and a change that was applied, its answer %s, is refused then: its value is there already',
    async (_title, fault) => {
      const server = await serve();
      server.faults.add({ fault });
      const answer = await connect(server.url).change(batch, signal);
      expect(answer).toMatchObject({ kind: 'refused', refusals: [{ kind: 'exists', name }] });
      expect(server.count()).toBe(2);
      expect(store.changes(zoneId)).toHaveLength(1);
    },
  );

  it.each<[string, string]>([
    ['without what was asked for', '<ChangeResourceRecordSetsResponse/>'],
    ['without a body', ''],
    ['in another form', '<html/>'],
  ])('after an answer %s', async (_title, body) => {
    const server = await serve();
    server.faults.add({ fault: { kind: 'page', status: 200, body } });
    expect(await connect(server.url).change(batch, signal)).toMatchObject({ kind: 'accepted' });
    expect(server.count()).toBe(2);
  });

  it('until two minutes are over', async () => {
    const server = await serve();
    server.faults.add({
      fault: { kind: 'refuse', status: 400, code: 'Throttling', message: 'Rate exceeded' },
      times: Infinity,
    });
    const error = await refusalOf(connect(server.url).isInSync('C1', signal));
    expect(error.code).toBe('route53.throttled');
    expect(error.message).toBe('Route 53 throttled GetChange: Rate exceeded');
    const waited = clock.slept.reduce((sum, delay) => sum + delay, 0);
    expect(waited).toBeGreaterThan(100_000);
    expect(waited).toBeLessThanOrEqual(120_000);
  });

  it('but not once the caller gave up: the reason is thrown', async () => {
    const server = await serve();
    server.faults.add({ fault: { kind: 'page', status: 503 }, times: Infinity });
    const reason = new Error('told to stop');
    const aborting = new AbortController();
    clock.onSleep = () => {
      aborting.abort(reason);
    };
    await expect(connect(server.url).change(batch, aborting.signal)).rejects.toBe(reason);
    await expect(connect(server.url).change(batch, aborting.signal)).rejects.toBe(reason);
    expect(server.count()).toBe(1);
  });
});

describe('what does not pass is told at once', () => {
  it('and listing is not asked for again once it was denied', async () => {
    const server = await serve();
    const route53 = connect(server.url, { policies: [allow('route53:GetChange')] });
    const errors = [
      await refusalOf(route53.recordSets(zoneId, name, signal)),
      await refusalOf(route53.recordSets(zoneId, name, signal)),
    ];
    expect(errors.map(({ code }) => code)).toEqual(['route53.access-denied', 'route53.access-denied']);
    expect(server.count()).toBe(1);
  });

  it.each<[string, Fault, string]>([
    [
      'AccessDenied',
      { kind: 'refuse', status: 403, code: 'AccessDenied', message: 'no' },
      'route53.access-denied',
    ],
    [
      'NoSuchHostedZone',
      { kind: 'refuse', status: 404, code: 'NoSuchHostedZone', message: 'no' },
      'route53.zone-not-found',
    ],
    ['InvalidInput', { kind: 'refuse', status: 400, code: 'InvalidInput', message: 'no' }, 'route53.refused'],
    [
      'SignatureDoesNotMatch',
      { kind: 'refuse', status: 403, code: 'SignatureDoesNotMatch', message: 'no' },
      'route53.session-refused',
    ],
    [
      'a page of a proxy',
      { kind: 'page', status: 403, body: '<html>forbidden</html>' },
      'route53.bad-answer',
    ],
    ['a redirect', { kind: 'page', status: 302, body: '' }, 'route53.bad-answer'],
  ])('%s', async (_title, fault, code) => {
    const server = await serve();
    server.faults.add({ fault });
    const error = await refusalOf(connect(server.url).change(batch, signal));
    expect([error.code, server.count(), clock.slept]).toEqual([code, 1, []]);
  });

  it('with the batch and the request id, when it was denied', async () => {
    const server = await serve();
    const error = await refusalOf(
      connect(server.url, { policies: [allow('route53:GetChange')] }).change(batch, signal),
    );
    expect(error.details).toEqual([
      `CREATE TXT ${name}`,
      `status 403, AccessDenied, request id ${server.requests[0]?.requestId ?? ''}`,
      'the least IAM policy that allows it:',
      ...policyLines(leastPolicy({ zoneId, names: [name], actions: ['CREATE', 'DELETE'] })),
    ]);
    expect(JSON.stringify([error.message, error.details])).not.toContain('aaaa');
  });

  it('when the clock of the host is off, by how much', async () => {
    const server = await serve({ now: () => new Date(Date.now() + 3_600_000) });
    // A session that is good by both clocks.
    sessions.issue = (request) =>
      AwsSessions.prototype.issue.call(sessions, { ...request, durationSeconds: 36_000 });
    const route53 = connect(server.url);
    const error = await refusalOf(route53.change(batch, signal));
    expect(error.code).toBe('route53.clock-skew');
    // The SDK would have learned the offset and gone on as if nothing was wrong.
    expect((await refusalOf(route53.change(batch, signal))).code).toBe('route53.clock-skew');
    expect(error.hint).toMatch(/^the clock of this host is 60 min slow: /);
  });

  it('when nothing listens, or the server is not trusted', async () => {
    const absent = await refusalOf(connect(`http://127.0.0.1:${await closedPort()}`).change(batch, signal));
    expect([absent.code, clock.slept]).toEqual(['route53.unreachable', []]);
    const ca = await makeCa();
    const { certPem, keyPem } = await ca.issueServer({ names: ['127.0.0.1'] });
    const server = await serve({ tls: { cert: certPem, key: keyPem } });
    const stranger = await refusalOf(connect(server.url).change(batch, signal));
    expect(stranger.code).toBe('route53.server-untrusted');
    expect(stranger.hint).toContain('AWS_CA_BUNDLE');
    const trusting = connect(server.url, { http: makeHttpClient({ extraRoots: [ca.certPem] }) });
    expect(await trusting.change(batch, signal)).toMatchObject({ kind: 'accepted' });
  });

  it('when a batch did not come from the guard: nothing is sent', async () => {
    const server = await serve();
    const forged = { zoneId, changes: batch.changes, comment: '' } as unknown as GuardedBatch;
    const error = await refusalOf(connect(server.url).change(forged, signal));
    expect([error.code, server.count()]).toEqual(['guard.refused', 0]);
  });
});

describe('the session', () => {
  const expired: Fault = { kind: 'refuse', status: 403, code: 'ExpiredToken', message: 'expired' };

  it('is fetched once for many requests, also at the same time', async () => {
    const server = await serve();
    const route53 = connect(server.url);
    await Promise.all([
      route53.hostedZones(zone, signal),
      route53.recordSets(zoneId, name, signal),
      route53.signIn(signal),
    ]);
    await route53.change(batch, signal);
    expect([fetched, server.count()]).toEqual([1, 3]);
  });

  it.each(['ExpiredToken', 'InvalidClientTokenId', 'UnrecognizedClientException'])(
    'refused as %s is renewed once',
    async (code) => {
      const server = await serve();
      server.faults.add({ fault: { ...expired, code } });
      expect(await connect(server.url).change(batch, signal)).toMatchObject({ kind: 'accepted' });
      expect([fetched, server.count(), clock.slept]).toEqual([2, 2, []]);
    },
  );

  it('refused again after that is a failure', async () => {
    const server = await serve();
    server.faults.add({ fault: expired, times: Infinity });
    const error = await refusalOf(connect(server.url).change(batch, signal));
    expect([error.code, fetched, server.count()]).toEqual(['route53.session-refused', 2, 2]);
  });

  it('is fetched again before it ends', async () => {
    const server = await serve();
    const route53 = connect(server.url, {
      credentials: async () => {
        fetched += 1;
        return await Promise.resolve(
          sessions.issue({
            roleName: 'lan',
            sessionName: 'nas',
            policies: [administratorPolicy],
            durationSeconds: 200,
          }),
        );
      },
    });
    await route53.recordSets(zoneId, name, signal);
    const before = fetched;
    await route53.recordSets(zoneId, name, signal);
    expect(fetched).toBeGreaterThan(before);
  });

  it('that is about to end is fetched again once, however many ask at that moment', async () => {
    const server = await serve();
    // Five minutes before their end the SDK asks for the next.
    let durationSeconds = 200;
    const route53 = connect(server.url, {
      credentials: async () => {
        fetched += 1;
        const role = { roleName: 'lan', sessionName: 'nas', policies: [administratorPolicy] };
        return await Promise.resolve(sessions.issue({ ...role, durationSeconds }));
      },
    });
    await route53.signIn(signal);
    durationSeconds = 3600;
    fetched = 0;
    const many = Array.from({ length: 8 }, async () => await route53.recordSets(zoneId, name, signal));
    await Promise.all(many);
    expect([fetched, server.count()]).toEqual([1, 8]);
  });

  it('that cannot be had is told as its source tells it, and nothing is asked', async () => {
    const server = await serve();
    const refusal = new LanacmeError('credentials.access-denied', 'no', { hint: 'none' });
    const route53 = connect(server.url, { credentials: async () => await Promise.reject(refusal) });
    await expect(route53.signIn(signal)).rejects.toBe(refusal);
    await expect(route53.change(batch, signal)).rejects.toBe(refusal);
    expect(server.count()).toBe(0);
  });

  it('is fetched with the signal of who needs it', async () => {
    const reason = new Error('told to stop');
    const aborting = new AbortController();
    const route53 = connect('http://127.0.0.1:9', {
      credentials: async (given) => {
        aborting.abort(reason);
        given.throwIfAborted();
        return await Promise.reject(new Error('another signal'));
      },
    });
    await expect(route53.change(batch, aborting.signal)).rejects.toBe(reason);
  });

  it('leaves nothing secret in the log', async () => {
    const server = await serve();
    const secrets = sessions.issue({ roleName: 'lan', sessionName: 'nas', policies: [administratorPolicy] });
    await connect(server.url, { credentials: async () => await Promise.resolve(secrets) }).change(
      batch,
      signal,
    );
    for (const secret of [secrets.secretAccessKey, secrets.sessionToken])
      expect(log.lines.join()).not.toContain(secret);
  });
});

describe('the host', () => {
  it('changes nothing by its environment or a profile, and hears no notice of the SDK', async () => {
    const server = await serve();
    const credentials = sessions.issue({
      roleName: 'lan',
      sessionName: 'nas',
      policies: [administratorPolicy],
    });
    await withTempFolder(async (folder) => {
      const config = path.join(folder, 'config');
      await writeFile(
        config,
        `[default]\nregion = cn-north-1\nendpoint_url = http://127.0.0.1:9\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true
defaults_mode = legacy\nretry_mode = adaptive\nmax_attempts = 9\nsdk_ua_app_id = spy\nauth_scheme_preference = sigv4a
aws_access_key_id = AKIAWRONG\naws_secret_access_key = wrong\nservices = s\n[services s]\nroute_53 =\n  endpoint_url = http://127.0.0.1:9\n`,
      );
      const script = `
        import { makeRoute53 } from './src/io/route53.ts';
        import { makeHttpClient } from './src/io/http.ts';
        const [endpoint, credentials] = JSON.parse(process.argv[1]);
        const nothing = () => undefined;
        const options = {
          credentials: async () => ({ ...credentials, expiration: new Date(credentials.expiration) }),
          region: 'eu-central-1',
          clock: { now: () => new Date() },
          random: { number: () => 0 },
          log: { debug: nothing },
        };
        const signal = AbortSignal.timeout(20_000);
        const given = makeRoute53({ ...options, endpoint, http: makeHttpClient({}) });
        console.log(JSON.stringify(await given.hostedZones('lan.example', signal)));
        await given.close();
        const request = async ({ url, headers }) => {
          console.log(new URL(url).host, /[a-z]+-[a-z]+-[0-9]/.exec(headers.authorization)[0], headers['user-agent']);
          throw new Error('enough');
        };
        await makeRoute53({ ...options, http: { request } }).hostedZones('lan.example', signal).catch(nothing);`;
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script, JSON.stringify([server.url, credentials])],
        {
          env: {
            ...process.env,
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: undefined,
            HOME: folder,
            AWS_CONFIG_FILE: config,
            AWS_SHARED_CREDENTIALS_FILE: config,
            AWS_PROFILE: 'default',
            AWS_REGION: 'ap-south-1',
            AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
            AWS_USE_FIPS_ENDPOINT: 'true',
            AWS_MAX_ATTEMPTS: '7',
          },
        },
      );
      const [zones, own] = stdout.trim().split('\n');
      expect(JSON.parse(zones ?? '')).toEqual([{ id: zoneId, name: zone, isPrivate: false }]);
      expect(own).toMatch(/^route53\.amazonaws\.com us-east-1 aws-sdk-js\/.* lanacme\/dev/);
      expect(own).not.toContain('spy');
      expect(stderr).toBe('');
    });
  });
});
