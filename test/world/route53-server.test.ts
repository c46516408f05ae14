import { createServer, request as httpRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  GetHostedZoneCommand,
  ListHostedZonesByNameCommand,
  type ListHostedZonesByNameCommandInput,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandInput,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AwsSessions, type IssuedCredentials } from './aws-sessions.ts';
import { administratorPolicy, ownChallengeName, smallPolicy } from './iam-policy.ts';
import { makeCa } from './pki.ts';
import { type Route53Options, type Route53Server, startRoute53 } from './route53-server.ts';
import { type SigningKeys, signedHeaders, type ToSign } from './sigv4-sign.ts';
import { type HostedZone, ZoneStore } from './zone-store.ts';

let clock: number | undefined;
const now = (): Date => new Date(clock ?? Date.now());
let sessions: AwsSessions;
let store: ZoneStore;
let zone: HostedZone;
let server: Route53Server;
let administrator: IssuedCredentials;

const started: { close: () => Promise<void> }[] = [];
const clients: Route53Client[] = [];

async function start(options: Partial<Route53Options> = {}): Promise<Route53Server> {
  const each = await startRoute53({ store, sessions, now, rateLimit: 'none', ...options });
  started.push(each);
  return each;
}

beforeEach(async () => {
  clock = undefined;
  sessions = new AwsSessions({ now });
  store = new ZoneStore({ now });
  zone = store.addZone({ name: 'lan.example', id: 'Z0123456789EXAMPLE' });
  administrator = sessions.issue({ roleName: 'admin', sessionName: 'a', policies: [administratorPolicy] });
  server = await start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(
    started.splice(0).map(async (each) => {
      await each.close();
    }),
  );
});

function client(credentials: IssuedCredentials = administrator, endpoint = server.url): Route53Client {
  const each = new Route53Client({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 });
  clients.push(each);
  return each;
}

function batch(...changes: readonly Change[]): ChangeResourceRecordSetsCommand {
  return new ChangeResourceRecordSetsCommand({
    HostedZoneId: zone.id,
    ChangeBatch: { Comment: 'lanacme nas', Changes: [...changes] },
  });
}
const challenge = '_acme-challenge.nas.lan.example';
function txt(action: 'CREATE' | 'DELETE' | 'UPSERT', values: readonly string[], name = challenge): Change {
  return {
    Action: action,
    ResourceRecordSet: {
      Name: name,
      Type: 'TXT',
      TTL: 10,
      ResourceRecords: values.map((value) => ({ Value: value })),
    },
  };
}

interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A request as the test writes it, signed by hand. */
async function raw(
  target: string,
  body = '',
  keys: SigningKeys = administrator,
  overrides: Partial<ToSign> = {},
): Promise<RawAnswer> {
  const method = body === '' ? 'GET' : 'POST';
  const host = `127.0.0.1:${server.port}`;
  const headers = signedHeaders({ method, host, target, body, date: now(), ...overrides }, keys);
  return await send(server.url, target, { method, headers }, body);
}

async function send(
  url: string,
  target: string,
  options: { readonly method: string; readonly headers: Record<string, string> },
  body: string,
): Promise<RawAnswer> {
  return await new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${target}`, { ...options, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const xmlns = 'xmlns="https://route53.amazonaws.com/doc/2013-04-01/"';
const rrset = `/2013-04-01/hostedzone/Z0123456789EXAMPLE/rrset/`;
const value = (text: string): string => `<ResourceRecord><Value>${text}</Value></ResourceRecord>`;
const setXml = (inside: string): string => `<ResourceRecordSet>${inside}</ResourceRecordSet>`;
const goodSet = setXml(
  `<Name>${challenge}</Name><Type>TXT</Type><TTL>10</TTL><ResourceRecords>${value('"v"')}</ResourceRecords>`,
);
const requestXml = (batchXml: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ChangeResourceRecordSetsRequest ${xmlns}>${batchXml}</ChangeResourceRecordSetsRequest>`;
const changeXml = (set: string, action = '<Action>CREATE</Action>'): string =>
  requestXml(`<ChangeBatch><Changes><Change>${action}${set}</Change></Changes></ChangeBatch>`);

function messageOf({ body }: RawAnswer): string {
  const text = /<Message>([^]*?)<\/Message>/.exec(body)?.[1] ?? '';
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
const codeOf = ({ body }: RawAnswer): string => /<Code>([^<]*)<\/Code>/.exec(body)?.[1] ?? '';

describe('by the SDK', () => {
  it('a change goes from PENDING to INSYNC', async () => {
    clock = Date.now();
    const { ChangeInfo: info } = await client().send(batch(txt('CREATE', ['"v"'])));
    expect(info).toEqual({
      Id: expect.stringMatching(/^\/change\/C[A-Z0-9]{20}$/) as string,
      Status: 'PENDING',
      SubmittedAt: new Date(clock),
      Comment: 'lanacme nas',
    });
    const get = new GetChangeCommand({ Id: info?.Id });
    expect((await client().send(get)).ChangeInfo?.Status).toBe('PENDING');
    clock += 300;
    expect((await client().send(get)).ChangeInfo).toEqual({ ...info, Status: 'INSYNC' });
  });

  it('every kind of set survives the way there and back', async () => {
    const sets: readonly ResourceRecordSet[] = [
      {
        Name: '*.lan.example',
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: '192.0.2.1' }, { Value: '192.0.2.2' }],
      },
      {
        Name: 'mv.lan.example',
        Type: 'TXT',
        SetIdentifier: '"a & <b>"',
        MultiValueAnswer: true,
        TTL: 10,
        ResourceRecords: [{ Value: String.raw`"a & <b> \"c\" 'd'" "e\011"` }],
      },
      {
        Name: 'w.lan.example',
        Type: 'A',
        SetIdentifier: 'w1',
        Weight: 3,
        TTL: 10,
        ResourceRecords: [{ Value: '192.0.2.3' }],
      },
      {
        Name: 'r.lan.example',
        Type: 'A',
        SetIdentifier: 'r1',
        Region: 'eu-west-1',
        TTL: 10,
        ResourceRecords: [{ Value: '192.0.2.3' }],
      },
      {
        Name: 'g.lan.example',
        Type: 'A',
        SetIdentifier: 'g1',
        GeoLocation: { CountryCode: 'DE' },
        TTL: 10,
        ResourceRecords: [{ Value: '192.0.2.3' }],
      },
      {
        Name: 'f.lan.example',
        Type: 'A',
        SetIdentifier: 'f1',
        Failover: 'PRIMARY',
        TTL: 10,
        ResourceRecords: [{ Value: '192.0.2.3' }],
        HealthCheckId: 'abc',
      },
      {
        Name: 'c.lan.example',
        Type: 'TXT',
        SetIdentifier: 'c1',
        TTL: 10,
        ResourceRecords: [{ Value: '"c"' }],
        CidrRoutingConfig: { CollectionId: '0f2e8b5c-3d0e-4b3a-9d4c-9f3f2b1a0c7d', LocationName: 'office' },
      },
      {
        Name: 'alias.lan.example',
        Type: 'A',
        AliasTarget: { HostedZoneId: zone.id, DNSName: 'w.lan.example', EvaluateTargetHealth: false },
      },
    ];
    await client().send(batch(...sets.map((set): Change => ({ Action: 'CREATE', ResourceRecordSet: set }))));
    const { ResourceRecordSets: listed } = await client().send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone.id }),
    );
    const stored = sets.map((set) => ({
      ...set,
      Name: `${set.Name?.replace('*', '\\052') ?? ''}.`,
      ...(set.AliasTarget && { AliasTarget: { ...set.AliasTarget, DNSName: 'w.lan.example.' } }),
    }));
    expect(listed?.slice(2)).toEqual(expect.arrayContaining(stored));
    expect(listed?.slice(2)).toHaveLength(stored.length);
    // What was listed is what a DELETE has to say.
    await client().send(
      batch(...(listed ?? []).slice(2).map((set): Change => ({ Action: 'DELETE', ResourceRecordSet: set }))),
    );
    expect(store.records(zone.id)).toHaveLength(2);
  });

  it('a refused batch is InvalidChangeBatch with its messages in brackets', async () => {
    await client().send(batch(txt('CREATE', ['"v"'])));
    await expect(client().send(batch(txt('CREATE', ['"w"'])))).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: `[Tried to create resource record set [name='${challenge}.', type='TXT'] but it already exists]`,
      $metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
    });
  });

  it('or in its own XML, where the server is told so', async () => {
    server.behaviour.batchErrorForm = 'InvalidChangeBatch';
    await client().send(batch(txt('CREATE', ['"v"']), txt('CREATE', ['"v"'], `x.${challenge}`)));
    const again = changeXml(goodSet).replace(
      '<Changes>',
      `<Changes><Change><Action>CREATE</Action>${goodSet.replace(challenge, `x.${challenge}`)}</Change>`,
    );
    const answer = await raw(rrset, again);
    expect(answer.status).toBe(400);
    expect(answer.body).toBe(
      `<?xml version="1.0"?>\n<InvalidChangeBatch ${xmlns}><Messages>` +
        `<Message>Tried to create resource record set [name='x.${challenge}.', type='TXT'] but it already exists</Message>` +
        `<Message>Tried to create resource record set [name='${challenge}.', type='TXT'] but it already exists</Message>` +
        `</Messages><RequestId>${server.requests.at(-1)!.requestId}</RequestId></InvalidChangeBatch>`,
    );
    await expect(client().send(batch(txt('CREATE', ['"v"'])))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('compare-and-swap between two hosts: one wins, the other learns of it', async () => {
    server.behaviour.processingMs = 0;
    await client().send(batch(txt('CREATE', ['"v"'])));
    const swap = (mine: string) => batch(txt('DELETE', ['"v"']), txt('CREATE', ['"v"', mine]));
    await client().send(swap('"one"'));
    await expect(client().send(swap('"two"'))).rejects.toThrow('do not match the current values');
    expect(store.records(zone.id).at(-1)?.values).toEqual(['"v"', '"one"']);
  });

  it('an unknown zone, an unknown change', async () => {
    await expect(
      client().send(new ListResourceRecordSetsCommand({ HostedZoneId: 'ZNONE' })),
    ).rejects.toMatchObject({ name: 'NoSuchHostedZone', message: 'No hosted zone found with ID: ZNONE' });
    await expect(client().send(new GetChangeCommand({ Id: 'CNONE' }))).rejects.toMatchObject({
      name: 'NoSuchChange',
      message: 'Could not find resource with ID: CNONE',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('listing records', () => {
  beforeEach(() => {
    store.edit(
      zone.id,
      ['b', 'a', 'a-1', 'x.a'].map((label) => ({
        action: 'CREATE',
        recordSet: { name: `${label}.lan.example`, type: 'TXT', ttl: 10, values: ['"v"'] },
      })),
    );
    store.edit(
      zone.id,
      ['two', 'one'].map((setIdentifier) => ({
        action: 'CREATE',
        recordSet: {
          name: 'm.lan.example',
          type: 'A',
          ttl: 10,
          values: ['192.0.2.1'],
          setIdentifier,
          multiValueAnswer: true,
        },
      })),
    );
  });

  const all = [
    'lan.example. NS',
    'lan.example. SOA',
    'a-1.lan.example. TXT',
    'a.lan.example. TXT',
    'x.a.lan.example. TXT',
    'b.lan.example. TXT',
    'm.lan.example. A one',
    'm.lan.example. A two',
  ];
  async function list(query: string): Promise<readonly string[]> {
    const { body } = await raw(`/2013-04-01/hostedzone/${zone.id}/rrset${query}`);
    const sets = body.matchAll(
      /<Name>([^<]*)<\/Name><Type>([^<]*)<\/Type>(?:<SetIdentifier>([^<]*)<\/SetIdentifier>)?/g,
    );
    return [...sets].map(([, name, type, identifier]) => [name, type, identifier].filter(Boolean).join(' '));
  }

  it.each([
    ['', 0],
    ['?name=a.lan.example', 3],
    ['?name=A.LAN.EXAMPLE.&type=TXT', 3],
    ['?name=a.lan.example&type=SOA', 3],
    ['?name=a0.lan.example', 5],
    ['?name=lan.example&type=SOA', 1],
    ['?name=lan.example&type=TXT', 2],
    ['?name=lan.example&type=A', 0],
    ['?identifier=one&name=m.lan.example&type=A', 6],
    ['?identifier=p&name=m.lan.example&type=A', 7],
    ['?name=z.lan.example', 8],
    ['?name=aaa.example', 0],
  ])('%s begins at the first that is not before it', async (query, from) => {
    expect(await list(query)).toEqual(all.slice(from));
  });

  it('goes in pages, and says where to go on', async () => {
    const seen: string[] = [];
    let input: ListResourceRecordSetsCommandInput = {
      HostedZoneId: zone.id,
      MaxItems: 1,
    };
    for (let isTruncated: boolean | undefined = true; isTruncated === true; ) {
      const page = await client().send(new ListResourceRecordSetsCommand(input));
      expect(page.ResourceRecordSets).toHaveLength(1);
      expect(page.MaxItems).toBe(1);
      const [set] = page.ResourceRecordSets ?? [];
      seen.push([set?.Name, set?.Type, set?.SetIdentifier].filter(Boolean).join(' '));
      isTruncated = page.IsTruncated;
      input = {
        ...input,
        StartRecordName: page.NextRecordName,
        StartRecordType: page.NextRecordType,
        StartRecordIdentifier: page.NextRecordIdentifier,
      };
    }
    expect(seen).toEqual(all);
  });

  it('at most 300 a page', async () => {
    const more = Array.from({ length: 300 }, (_, index) => ({
      action: 'CREATE',
      recordSet: { name: `h${index}.lan.example`, type: 'A', ttl: 10, values: ['192.0.2.1'] },
    }));
    store.edit(zone.id, more);
    const page = await client().send(
      new ListResourceRecordSetsCommand({ HostedZoneId: zone.id, MaxItems: 1000 }),
    );
    expect(page.ResourceRecordSets).toHaveLength(300);
    expect(page).toMatchObject({ IsTruncated: true, MaxItems: 300 });
  });

  it('includes what is still PENDING', async () => {
    store.delayMs = Infinity;
    await client().send(batch(txt('CREATE', ['"v"'])));
    expect(await list(`?name=${challenge}&type=TXT`)).toContain(`${challenge}. TXT`);
  });

  it.each([
    ['?type=TXT', ''],
    ['?identifier=x&name=a.lan.example', ''],
    [
      '?name=a..lan.example',
      `FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..lan.example'`,
    ],
    [
      '?name=a.lan.example&type=txt',
      `1 validation error detected: Value 'txt' at 'type' failed to satisfy constraint: Member must satisfy enum value ` +
        `set: [SOA, A, TXT, NS, CNAME, MX, NAPTR, PTR, SRV, SPF, AAAA, CAA, DS, TLSA, SSHFP, SVCB, HTTPS]`,
    ],
    ['?maxitems=0', 'The value of maxitems is not valid: 0'],
    ['?maxitems=x', 'The value of maxitems is not valid: x'],
  ])('%s is InvalidInput', async (query, message) => {
    const answer = await raw(`/2013-04-01/hostedzone/${zone.id}/rrset${query}`);
    expect([answer.status, codeOf(answer), messageOf(answer)]).toEqual([400, 'InvalidInput', message]);
  });
});

describe('finding zones', () => {
  beforeEach(() => {
    store.addZone({ name: 'example', id: 'ZPARENT', comment: 'the parent' });
    store.addZone({ name: 'lan.example', id: 'Z9PRIVATE', isPrivate: true });
    store.addZone({ name: 'wlan.example', id: 'ZOTHER' });
  });

  const byName = async (input: ListHostedZonesByNameCommandInput) => {
    const page = await client().send(new ListHostedZonesByNameCommand(input));
    return { ...page, ids: page.HostedZones?.map(({ Id }) => Id?.replace('/hostedzone/', '')) };
  };

  it('by name: from that name on, two of one name by id', async () => {
    const all = ['ZPARENT', 'Z0123456789EXAMPLE', 'Z9PRIVATE', 'ZOTHER'];
    expect((await byName({})).ids).toEqual(all);
    expect((await byName({ DNSName: 'lan.example' })).ids).toEqual(all.slice(1));
    expect((await byName({ DNSName: 'LAN.example.' })).ids).toEqual(all.slice(1));
    expect((await byName({ DNSName: 'nothere.example' })).ids).toEqual(['ZOTHER']);
    expect((await byName({ DNSName: 'zzz.example' })).ids).toEqual([]);
    expect((await byName({ DNSName: 'lan.example', HostedZoneId: 'Z9PRIVATE' })).ids).toEqual(all.slice(2));
  });

  it('by name, in pages', async () => {
    expect(await byName({ DNSName: 'lan.example', MaxItems: 1 })).toMatchObject({
      ids: ['Z0123456789EXAMPLE'],
      DNSName: 'lan.example',
      IsTruncated: true,
      NextDNSName: 'lan.example.',
      NextHostedZoneId: 'Z9PRIVATE',
      MaxItems: 1,
    });
  });

  it('says which zones are private', async () => {
    const { HostedZones: zones } = await byName({ DNSName: 'lan.example' });
    expect(zones?.map(({ Name, Config }) => [Name, Config?.PrivateZone])).toEqual([
      ['lan.example.', false],
      ['lan.example.', true],
      ['wlan.example.', false],
    ]);
  });

  it('all of them, by marker', async () => {
    const first = await client().send(new ListHostedZonesCommand({ MaxItems: 3 }));
    expect(first).toMatchObject({ IsTruncated: true, NextMarker: 'ZOTHER', MaxItems: 3 });
    expect(first.HostedZones).toHaveLength(3);
    const second = await client().send(new ListHostedZonesCommand({ Marker: first.NextMarker }));
    expect(second.HostedZones?.map(({ Name }) => Name)).toEqual(['wlan.example.']);
    expect(second).toMatchObject({ IsTruncated: false, Marker: 'ZOTHER', MaxItems: 100 });
    await expect(client().send(new ListHostedZonesCommand({ Marker: 'ZNONE' }))).rejects.toMatchObject({
      name: 'InvalidInput',
    });
  });

  it('one of them, with its name servers', async () => {
    const got = await client().send(new GetHostedZoneCommand({ Id: 'ZPARENT' }));
    expect(got.HostedZone).toMatchObject({
      Id: '/hostedzone/ZPARENT',
      Name: 'example.',
      Config: { Comment: 'the parent', PrivateZone: false },
      ResourceRecordSetCount: 2,
    });
    expect(got.DelegationSet?.NameServers).toEqual([
      'ns-2048.awsdns-64.com',
      'ns-2049.awsdns-65.net',
      'ns-2050.awsdns-66.org',
      'ns-2051.awsdns-67.co.uk',
    ]);
    const hidden = await client().send(new GetHostedZoneCommand({ Id: 'Z9PRIVATE' }));
    expect(hidden.DelegationSet).toBeUndefined();
    expect(hidden.VPCs).toHaveLength(1);
    await expect(client().send(new GetHostedZoneCommand({ Id: 'ZNONE' }))).rejects.toMatchObject({
      name: 'NoSuchHostedZone',
    });
  });

  it.each([
    ['/2013-04-01/hostedzonesbyname?hostedzoneid=ZPARENT', ''],
    [
      '/2013-04-01/hostedzonesbyname?dnsname=a..b',
      `FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..b'`,
    ],
    ['/2013-04-01/hostedzone?maxitems=-1', 'The value of maxitems is not valid: -1'],
    [
      `/2013-04-01/hostedzone/${'Z'.repeat(33)}`,
      `1 validation error detected: Value '${'Z'.repeat(33)}' at 'id' failed to satisfy constraint: Member must have ` +
        'length less than or equal to 32',
    ],
  ])('%s is InvalidInput', async (target, message) => {
    const answer = await raw(target);
    expect([answer.status, codeOf(answer), messageOf(answer)]).toEqual([400, 'InvalidInput', message]);
  });
});

describe('the protocol', () => {
  it.each([rrset, rrset.replace(/\/$/, '')])('a change may be sent to %s', async (target) => {
    const answer = await raw(target, changeXml(goodSet));
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/xml',
      'x-amzn-requestid': server.requests.at(-1)!.requestId,
    });
    expect(answer.body).toMatch(
      new RegExp(
        `^<\\?xml version="1.0"\\?>\n<ChangeResourceRecordSetsResponse ${xmlns}><ChangeInfo><Id>/change/C[A-Z0-9]+</Id>` +
          '<Status>PENDING</Status><SubmittedAt>[0-9-]{10}T[0-9:]{8}\\.\\d{3}Z</SubmittedAt></ChangeInfo>' +
          '</ChangeResourceRecordSetsResponse>$',
      ),
    );
  });

  it('an error has type, code, message and request id', async () => {
    const answer = await raw('/2013-04-01/change/CNONE');
    expect(answer.status).toBe(404);
    expect(answer.body).toBe(
      `<?xml version="1.0"?>\n<ErrorResponse ${xmlns}><Error><Type>Sender</Type><Code>NoSuchChange</Code>` +
        `<Message>Could not find resource with ID: CNONE</Message></Error>` +
        `<RequestId>${server.requests.at(-1)!.requestId}</RequestId></ErrorResponse>`,
    );
    expect(answer.headers['x-amzn-requestid']).toBe(server.requests.at(-1)!.requestId);
  });

  it('a change id that kept its prefix is unknown', async () => {
    const { id } = store.edit(zone.id, [
      { action: 'CREATE', recordSet: { name: challenge, type: 'TXT', ttl: 1, values: ['"v"'] } },
    ]);
    expect((await raw(`/2013-04-01/change/${id}`)).status).toBe(200);
    const answer = await raw(`/2013-04-01/change/%2Fchange%2F${id}`);
    expect([answer.status, messageOf(answer)]).toEqual([
      404,
      `Could not find resource with ID: /change/${id}`,
    ]);
  });

  it.each(['/', '/2012-12-12/hostedzone', '/2013-04-01/healthcheck', `${rrset}more`])(
    '%s is no operation',
    async (target) => {
      const answer = await raw(target);
      expect([answer.status, answer.body]).toEqual([404, '<UnknownOperationException/>\n']);
      expect(server.requests.at(-1)).toMatchObject({ operation: undefined, status: 404 });
    },
  );

  it('a batch over HTTPS', async () => {
    const ca = await makeCa();
    const { certPem: cert, keyPem: key } = await ca.issueServer({ names: ['127.0.0.1'] });
    const secure = await start({ tls: { cert, key } });
    expect(secure.url).toMatch(/^https:/);
    const target = '/2013-04-01/hostedzone';
    const headers = signedHeaders(
      { method: 'GET', host: `127.0.0.1:${secure.port}`, target, body: '', date: now() },
      administrator,
    );
    const agent = new Agent({ ca: ca.certPem });
    const status = await new Promise((resolve, reject) => {
      const request = httpsRequest(`${secure.url}${target}`, { headers, agent }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.end();
    });
    expect(status).toBe(200);
    secure.faults.add({ fault: { kind: 'reset before' } });
    const lost = new Promise((resolve, reject) => {
      const request = httpsRequest(
        `${secure.url}${target}`,
        { headers, agent: new Agent({ ca: ca.certPem }) },
        resolve,
      );
      request.on('error', reject);
      request.end();
    });
    await expect(lost).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('XML that AWS would not read', () => {
  const ns = '"https://route53.amazonaws.com/doc/2013-04-01/":';
  const invalid = (message: string): readonly [number, string, string] => [
    400,
    'InvalidInput',
    `Invalid XML ; ${message}`,
  ];
  const afterType = [
    'SetIdentifier',
    'Weight',
    'Region',
    'GeoLocation',
    'Failover',
    'MultiValueAnswer',
    'TTL',
    'ResourceRecords',
    'AliasTarget',
    'HealthCheckId',
    'CidrRoutingConfig',
  ];
  const oneOf = (...names: readonly string[]): string =>
    `One of '{${names.map((name) => ns + name).join(', ')}}' is expected.`;

  it.each<readonly [string, string, readonly [number, string, string]]>([
    ['no XML', 'hello', [400, 'MalformedInput', 'Could not parse XML']],
    ['an element that is not closed', '<a><b></a>', [400, 'MalformedInput', 'Could not parse XML']],
    ['two roots', '<a/><b/>', [400, 'MalformedInput', 'Could not parse XML']],
    [
      'a document type',
      changeXml(goodSet).replace('?>', '?><!DOCTYPE a [<!ENTITY b "c">]>'),
      [400, 'MalformedInput', 'Could not parse XML'],
    ],
    [
      'an unknown entity',
      changeXml(goodSet.replace('"v"', '&nbsp;')),
      [400, 'MalformedInput', 'Could not parse XML'],
    ],
    [
      'an entity without its end',
      changeXml(goodSet.replace('"v"', '"a &amp b"')),
      [400, 'MalformedInput', 'Could not parse XML'],
    ],
    [
      'an ampersand that stands alone',
      changeXml(goodSet.replace('"v"', '"a & b"')),
      [400, 'MalformedInput', 'Could not parse XML'],
    ],
    [
      'another root',
      `<ChangeBatch ${xmlns}/>`,
      [400, 'MalformedInput', 'ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest'],
    ],
    [
      'no namespace',
      changeXml(goodSet).replace(xmlns, ''),
      invalid(`cvc-elt.1: Cannot find the declaration of element 'ChangeResourceRecordSetsRequest'.`),
    ],
    [
      'the namespace of an older API',
      changeXml(goodSet).replace('2013-04-01', '2012-12-12'),
      invalid(`cvc-elt.1: Cannot find the declaration of element 'ChangeResourceRecordSetsRequest'.`),
    ],
    [
      'TTL after the records',
      changeXml(goodSet.replace(/(<TTL>.*<\/TTL>)(.*)(<\/ResourceRecordSet>)/, '$2$1$3')),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'TTL'. ${oneOf('AliasTarget', 'HealthCheckId', 'CidrRoutingConfig')}`,
      ),
    ],
    [
      'type before name',
      changeXml(goodSet.replace(/(<Name>.*<\/Name>)(<Type>TXT<\/Type>)/, '$2$1')),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'Type'. ${oneOf('Name')}`,
      ),
    ],
    [
      'an unknown element',
      changeXml(goodSet.replace('<TTL>', '<Ttl>10</Ttl><TTL>')),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'Ttl'. ${oneOf(...afterType)}`,
      ),
    ],
    [
      'an element twice',
      changeXml(goodSet.replace('<TTL>', '<TTL>10</TTL><TTL>')),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'TTL'. ${oneOf('ResourceRecords', 'AliasTarget', 'HealthCheckId', 'CidrRoutingConfig')}`,
      ),
    ],
    [
      'one too many',
      changeXml(`${goodSet}<Comment>x</Comment>`),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'Comment'. No child element is expected at this point.`,
      ),
    ],
    [
      'two comments',
      requestXml('<ChangeBatch><Comment>a</Comment><Comment>b</Comment></ChangeBatch>'),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'Comment'. ${oneOf('Changes')}`,
      ),
    ],
    [
      'no action',
      changeXml(goodSet, ''),
      invalid(
        `cvc-complex-type.2.4.a: Invalid content was found starting with element 'ResourceRecordSet'. ${oneOf('Action')}`,
      ),
    ],
    [
      'no set',
      changeXml(''),
      invalid(
        `cvc-complex-type.2.4.b: The content of element 'Change' is not complete. ${oneOf('ResourceRecordSet')}`,
      ),
    ],
    [
      'no type',
      changeXml(setXml('<Name>a</Name>')),
      invalid(
        `cvc-complex-type.2.4.b: The content of element 'ResourceRecordSet' is not complete. ${oneOf('Type')}`,
      ),
    ],
    [
      'no changes',
      requestXml('<ChangeBatch><Changes></Changes></ChangeBatch>'),
      invalid(`cvc-complex-type.2.4.b: The content of element 'Changes' is not complete. ${oneOf('Change')}`),
    ],
    [
      'no records',
      changeXml(goodSet.replace(/<ResourceRecord>.*<\/ResourceRecord>/, '')),
      invalid(
        `cvc-complex-type.2.4.b: The content of element 'ResourceRecords' is not complete. ${oneOf('ResourceRecord')}`,
      ),
    ],
    [
      'text between elements',
      changeXml(`x${goodSet}`),
      invalid(
        `cvc-complex-type.2.3: Element 'Change' cannot have character [children], because the type's content type is element-only.`,
      ),
    ],
    [
      'an element in a value',
      changeXml(goodSet.replace('"v"', '<b/>')),
      invalid(
        `cvc-type.3.1.2: Element 'Value' is a simple type, so it must have no element information item [children].`,
      ),
    ],
    [
      'a TTL that is no number',
      changeXml(goodSet.replace('>10<', '>soon<')),
      invalid(`cvc-datatype-valid.1.2.1: 'soon' is not a valid value for 'integer'.`),
    ],
    [
      'a flag that is none',
      changeXml(goodSet.replace('<TTL>', '<MultiValueAnswer>yes</MultiValueAnswer><TTL>')),
      invalid(`cvc-datatype-valid.1.2.1: 'yes' is not a valid value for 'boolean'.`),
    ],
    [
      'an attribute',
      changeXml(goodSet.replace('<TTL>', '<TTL unit="s">')),
      invalid(`cvc-complex-type.3.2.2: Attribute 'unit' is not allowed to appear in element 'TTL'.`),
    ],
  ])('%s', async (_, body, wanted) => {
    const answer = await raw(rrset, body);
    expect([answer.status, codeOf(answer), messageOf(answer)]).toEqual(wanted);
    expect(store.records(zone.id)).toHaveLength(2);
  });

  it.each([
    ['entities', '&quot;a &amp; b&#34;', '"a & b"'],
    ['character references in hex', '&#x22;a&#x22;', '"a"'],
    ['CDATA', '<![CDATA["a &amp; b"]]>', '"a &amp; b"'],
    ['a comment inside', '"a<!-- x -->b"', '"ab"'],
  ])('but it reads %s', async (_, text, stored) => {
    const answer = await raw(rrset, changeXml(goodSet.replace('"v"', text)));
    expect(answer.status).toBe(200);
    expect(store.records(zone.id).at(-1)?.values).toEqual([stored]);
  });

  it('and a batch with thousands of entities', async () => {
    const records = Array.from({ length: 400 }, (_, index) => value(`&quot;${index} &amp;&quot;`)).join('');
    const answer = await raw(
      rrset,
      changeXml(goodSet.replace(/<ResourceRecord>.*<\/ResourceRecord>/, records)),
    );
    expect(answer.status).toBe(200);
  });

  it('and a comment on either side of the changes, as the SDKs have it', async () => {
    const change = (name: string): string =>
      `<Changes><Change><Action>CREATE</Action>${goodSet.replace(challenge, name)}</Change></Changes>`;
    const comment = '<Comment>hello</Comment>';
    expect(
      (await raw(rrset, requestXml(`<ChangeBatch>${comment}${change('a.lan.example')}</ChangeBatch>`)))
        .status,
    ).toBe(200);
    expect(
      (await raw(rrset, requestXml(`<ChangeBatch>${change('b.lan.example')}${comment}</ChangeBatch>`)))
        .status,
    ).toBe(200);
    expect(store.changes(zone.id).map(({ comment: each }) => each)).toEqual(['hello', 'hello']);
  });
});

describe('rights', () => {
  let nas: IssuedCredentials;
  beforeEach(() => {
    nas = sessions.issue({
      roleName: 'lanacme',
      sessionName: 'c0ffee',
      context: { 'credentials-iot:ThingName': 'nas' },
      policies: [smallPolicy(zone.id, ownChallengeName(zone.name))],
    });
  });

  it('the small policy is enough for a challenge, its swap and its end', async () => {
    const nasClient = client(nas);
    const { ChangeInfo } = await nasClient.send(batch(txt('CREATE', ['"v"'])));
    await nasClient.send(batch(txt('DELETE', ['"v"']), txt('CREATE', ['"v"', '"w"'])));
    await nasClient.send(new GetChangeCommand({ Id: ChangeInfo?.Id }));
    await nasClient.send(batch(txt('DELETE', ['"v"', '"w"'])));
    expect(server.requests.at(-1)?.caller).toBe('arn:aws:sts::123456789012:assumed-role/lanacme/c0ffee');
  });

  it.each([
    ['another host', txt('CREATE', ['"v"'], '_acme-challenge.tv.lan.example')],
    ['UPSERT', txt('UPSERT', ['"v"'])],
    [
      'another type',
      {
        Action: 'CREATE',
        ResourceRecordSet: {
          ...txt('CREATE', []).ResourceRecordSet!,
          Type: 'CNAME',
          ResourceRecords: [{ Value: 'a.b' }],
        },
      } satisfies Change,
    ],
  ])('but not for %s', async (_, change) => {
    const before = store.snapshot(zone.id);
    await expect(client(nas).send(batch(txt('CREATE', ['"v"']), change))).rejects.toMatchObject({
      name: 'AccessDenied',
      message:
        'User: arn:aws:sts::123456789012:assumed-role/lanacme/c0ffee is not authorized to perform: ' +
        `route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/${zone.id} because no identity-based ` +
        'policy allows the route53:ChangeResourceRecordSets action',
      $metadata: { httpStatusCode: 403 },
    });
    expect(store.snapshot(zone.id)).toBe(before);
  });

  it('names are compared as Route 53 stores them', async () => {
    await client(nas).send(batch(txt('CREATE', ['"v"'], '_ACME-Challenge.NAS.lan.EXAMPLE.')));
    const star = sessions.issue({
      roleName: 'R',
      sessionName: 'S',
      policies: [smallPolicy(zone.id, ['_acme-challenge.\\052.lan.example'])],
    });
    await client(star).send(batch(txt('CREATE', ['"v"'], '_acme-challenge.*.lan.example')));
  });

  it('nothing else is allowed, and a zone that is not theirs is not even missed', async () => {
    await expect(
      client(nas).send(new ListResourceRecordSetsCommand({ HostedZoneId: zone.id })),
    ).rejects.toThrow(
      `route53:ListResourceRecordSets on resource: arn:aws:route53:::hostedzone/${zone.id} because`,
    );
    await expect(client(nas).send(new ListHostedZonesByNameCommand({}))).rejects.toThrow(
      'route53:ListHostedZonesByName because no identity-based policy allows the route53:ListHostedZonesByName action',
    );
    const elsewhere = new ChangeResourceRecordSetsCommand({
      HostedZoneId: 'ZNONE',
      ChangeBatch: { Changes: [txt('CREATE', ['"v"'])] },
    });
    await expect(client(nas).send(elsewhere)).rejects.toMatchObject({ name: 'AccessDenied' });
    await expect(client().send(elsewhere)).rejects.toMatchObject({ name: 'NoSuchHostedZone' });
  });

  it('a session that is over, a key that nobody has, a clock that is off', async () => {
    clock = administrator.expiration.getTime();
    const codes = [];
    for (const answer of [
      await raw('/2013-04-01/hostedzone'),
      await raw('/2013-04-01/hostedzone', '', { ...nas, accessKeyId: 'ASIANONE' }),
      await raw('/2013-04-01/hostedzone', '', administrator, { date: new Date(clock - 301_000) }),
      await send(server.url, '/2013-04-01/hostedzone', { method: 'GET', headers: {} }, ''),
    ]) {
      codes.push([answer.status, codeOf(answer)]);
      expect(answer.headers['x-amzn-requestid']).toMatch(/./);
    }
    expect(codes).toEqual([
      [403, 'ExpiredToken'],
      [403, 'InvalidClientTokenId'],
      [403, 'SignatureDoesNotMatch'],
      [403, 'MissingAuthenticationToken'],
    ]);
    server.behaviour.skewCode = 'RequestExpired';
    const late = await raw('/2013-04-01/hostedzone', '', administrator, { date: new Date(clock + 301_000) });
    expect([late.status, codeOf(late)]).toEqual([400, 'RequestExpired']);
  });
});

it('an SDK whose clock is off is refused once and then follows ours', async () => {
  clock = Date.now() + 3_600_000;
  // Long enough: an hour of it is gone by then.
  const long = sessions.issue({
    roleName: 'R',
    sessionName: 'S',
    policies: [administratorPolicy],
    durationSeconds: 43_200,
  });
  const late = client(long);
  await expect(late.send(new ListHostedZonesCommand({}))).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
  });
  await expect(late.send(new ListHostedZonesCommand({}))).resolves.toBeDefined();
});

describe('limits', () => {
  it('the sixth request of a second is Throttling, with status 400', async () => {
    clock = Date.parse('2026-11-22T12:00:00Z');
    const limited = (server = await start({ rateLimit: { perSecond: 5, burst: 5 } }));
    const statuses = async (count: number): Promise<string[]> => {
      const answers = await Promise.all(
        Array.from({ length: count }, async () => await raw('/2013-04-01/hostedzone')),
      );
      return answers.map((answer) => `${answer.status} ${codeOf(answer)} ${messageOf(answer)}`.trim());
    };
    expect((await statuses(7)).sort()).toEqual([
      '200',
      '200',
      '200',
      '200',
      '200',
      '400 Throttling Rate exceeded',
      '400 Throttling Rate exceeded',
    ]);
    clock += 200;
    expect((await statuses(2)).sort()).toEqual(['200', '400 Throttling Rate exceeded']);
    clock += 60_000;
    expect((await statuses(6)).filter((status) => status === '200')).toHaveLength(5);
    limited.behaviour.rateLimit = 'none';
    expect(await statuses(1)).toEqual(['200']);
  });

  it('five a second is what a server has by itself', async () => {
    expect((await startAndClose({ store, sessions })).behaviour.rateLimit).toEqual({
      perSecond: 5,
      burst: 5,
    });
  });

  it('one change of a zone at a time: the other is PriorRequestNotComplete', async () => {
    server.behaviour.processingMs = 200;
    const other = store.addZone({ name: 'other.example' });
    const outcomes = await Promise.all([
      raw(rrset, changeXml(goodSet)),
      raw(rrset, changeXml(goodSet.replace(challenge, 'b.lan.example'))),
      raw(
        `/2013-04-01/hostedzone/${other.id}/rrset/`,
        changeXml(goodSet.replace(challenge, 'a.other.example')),
      ),
      raw(`/2013-04-01/hostedzone/${zone.id}/rrset`),
    ]);
    const told = outcomes.map((answer) => `${answer.status} ${codeOf(answer)}`.trim());
    expect(told.slice(0, 2).sort()).toEqual(['200', '400 PriorRequestNotComplete']);
    expect(told.slice(2)).toEqual(['200', '200']);
    expect(messageOf(outcomes.find(({ status }) => status === 400)!)).toBe(
      'The request was rejected because Route 53 was still processing a prior request.',
    );
  });

  it('one after the other they go through, unless the zone has to settle first', async () => {
    const named = (name: string): string => changeXml(goodSet.replace(challenge, name));
    expect((await raw(rrset, named('a.lan.example'))).status).toBe(200);
    expect((await raw(rrset, named('b.lan.example'))).status).toBe(200);
    server.behaviour.settleMs = 60_000;
    expect((await raw(rrset, named('c.lan.example'))).status).toBe(200);
    expect(codeOf(await raw(rrset, named('d.lan.example')))).toBe('PriorRequestNotComplete');
  });
});

async function startAndClose(options: Route53Options): Promise<Route53Server> {
  const each = await startRoute53(options);
  await each.close();
  return each;
}

describe('scripted faults', () => {
  const create = async (): Promise<RawAnswer> => await raw(rrset, changeXml(goodSet));
  const isThere = (): boolean => store.records(zone.id).length === 3;

  it('a refusal of any kind', async () => {
    server.faults.add({
      fault: { kind: 'refuse', status: 503, code: 'ServiceUnavailable', message: 'later' },
    });
    const answer = await create();
    expect([answer.status, codeOf(answer), messageOf(answer), isThere()]).toEqual([
      503,
      'ServiceUnavailable',
      'later',
      false,
    ]);
    expect(answer.body).toContain('<Type>Receiver</Type>');
    expect((await create()).status).toBe(200);
  });

  it('a page of something in between', async () => {
    server.faults.add({ fault: { kind: 'page', status: 502, body: '<html>' } });
    expect(await create()).toMatchObject({ status: 502, body: '<html>' });
    expect(isThere()).toBe(false);
  });

  it('a connection reset before', async () => {
    server.faults.add({ fault: { kind: 'reset before' } });
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(isThere()).toBe(false);
  });

  it('and after: the lost answer', async () => {
    server.faults.add({ fault: { kind: 'reset after' } });
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(isThere()).toBe(true);
    expect(server.requests.at(-1)).toMatchObject({ status: 200, fault: { kind: 'reset after' } });
  });

  it('an answer cut off', async () => {
    server.faults.add({ fault: { kind: 'cut off' } });
    await expect(create()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(isThere()).toBe(true);
  });

  it('an answer that is not XML', async () => {
    server.faults.add({ fault: { kind: 'not xml' } });
    expect(await create()).toMatchObject({ status: 200, body: '<html><p>Sign in to the network' });
    expect(isThere()).toBe(true);
  });

  it('an answer that comes late', async () => {
    server.faults.add({ fault: { kind: 'delay', milliseconds: 60 } });
    const before = performance.now();
    expect((await create()).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(55);
  });

  it.each([true, false])('none at all, carried out: %s', async (isCarriedOut) => {
    server.faults.add({ fault: { kind: 'hang', isCarriedOut } });
    const hanging = create();
    const outcome = hanging.catch((error: unknown) => (error as { code?: string }).code);
    await expect.poll(() => (isCarriedOut ? isThere() : server.count())).toBeTruthy();
    await server.close();
    started.splice(0);
    expect(await outcome).toBe('ECONNRESET');
    expect(isThere()).toBe(isCarriedOut);
  });

  it('by operation, from the nth request, so many times', async () => {
    const refuse = { kind: 'refuse', status: 500, code: 'InternalFailure', message: '' } as const;
    server.faults.add({ operation: 'GetChange', nth: 2, times: 2, fault: refuse });
    const statuses = [];
    for (let each = 0; each < 5; each += 1) {
      expect((await raw('/2013-04-01/hostedzone')).status).toBe(200);
      statuses.push((await raw('/2013-04-01/change/CNONE')).status);
    }
    expect(statuses).toEqual([404, 500, 500, 404, 404]);
    server.faults.add({ times: Infinity, fault: refuse });
    expect((await raw('/2013-04-01/hostedzone')).status).toBe(500);
    expect((await raw('/2013-04-01/hostedzone')).status).toBe(500);
    server.faults.clear();
    expect((await raw('/2013-04-01/hostedzone')).status).toBe(200);
  });
});

describe('the log of requests', () => {
  it('has what was wanted, by whom, and what came of it', async () => {
    clock = Date.now();
    await client().send(batch(txt('CREATE', ['"v"'])));
    await expect(client().send(batch(txt('DELETE', ['"w"']), txt('CREATE', ['"v"'])))).rejects.toThrow();
    await raw('/2013-04-01/hostedzone');
    expect(server.requests).toMatchObject([
      {
        time: new Date(clock),
        operation: 'ChangeResourceRecordSets',
        id: zone.id,
        changes: [{ action: 'CREATE', name: challenge, type: 'TXT' }],
        caller: 'arn:aws:sts::123456789012:assumed-role/admin/a',
        status: 200,
      },
      {
        changes: [
          { action: 'DELETE', name: challenge, type: 'TXT' },
          { action: 'CREATE', name: challenge, type: 'TXT' },
        ],
        status: 400,
        code: 'InvalidChangeBatch',
      },
      { operation: 'ListHostedZones', id: '', status: 200 },
    ]);
    expect(server.count('ChangeResourceRecordSets')).toBe(2);
    expect(server.count('GetChange')).toBe(0);
    expect(server.count()).toBe(3);
    server.forgetRequests();
    expect(server.count()).toBe(0);
  });

  it('has no secrets', async () => {
    await client().send(batch(txt('CREATE', ['"v"'])));
    const text = JSON.stringify(server.requests);
    for (const secret of [administrator.secretAccessKey, administrator.sessionToken, 'Signature']) {
      expect(text).not.toContain(secret);
    }
  });
});

it('listens on the loopback address only, on a port of its own or the one it is given', async () => {
  expect(new URL(server.url).hostname).toBe('127.0.0.1');
  const free = createServer().listen(0, '127.0.0.1');
  const port = await new Promise<number>((resolve) =>
    free.on('listening', () => {
      resolve((free.address() as { port: number }).port);
    }),
  );
  await new Promise((resolve) => free.close(resolve));
  expect((await start({ port })).port).toBe(port);
});
