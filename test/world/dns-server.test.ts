import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import {
  type Answer,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type Question,
  RECURSION_DESIRED,
} from 'dns-packet';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DnsOptions, type DnsServer, startDns } from './dns-server.ts';
import type { RecordSetInput } from './zone-records.ts';
import { ZoneStore } from './zone-store.ts';

const started: DnsServer[] = [];
let clock: number;
const now = (): Date => new Date(clock);
let store: ZoneStore;

async function start(options: Partial<DnsOptions> = {}): Promise<DnsServer> {
  const server = await startDns({ store, now, ...options });
  started.push(server);
  return server;
}

beforeEach(() => {
  clock = Date.parse('2026-11-22T12:00:00Z');
  store = new ZoneStore({ now });
});

afterEach(async () => {
  await Promise.all(
    started.splice(0).map(async (server) => {
      await server.close();
    }),
  );
});

interface Query {
  readonly name: string;
  readonly type?: string;
  readonly edns?: number;
  readonly flags?: number;
  readonly class?: Question['class'];
}

function packet({ name, type = 'TXT', edns, flags = 0, class: questionClass = 'IN' }: Query): Buffer {
  return encode({
    type: 'query',
    id: 4711,
    flags,
    questions: [{ name, type: type as 'TXT', class: questionClass }],
    additionals: edns === undefined ? [] : [opt(edns)],
  });
}

const opt = (udpPayloadSize: number, ednsVersion = 0): OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion,
  flags: 0,
  flag_do: false,
  options: [],
});

/** dns-packet decodes the rcode too, but its types do not say so. */
type Reply = DecodedPacket & { readonly rcode: string };

async function udp(server: DnsServer, message: Buffer): Promise<Reply> {
  const socket = createSocket('udp4');
  try {
    socket.send(message, server.port, '127.0.0.1');
    const [reply] = (await once(socket, 'message', { signal: AbortSignal.timeout(30_000) })) as [Buffer];
    return decode(reply) as Reply;
  } finally {
    socket.close();
  }
}

async function tcp(server: DnsServer, ...messages: readonly Buffer[]): Promise<readonly Reply[]> {
  const socket = connect(server.port, '127.0.0.1');
  const replies: Reply[] = [];
  for (const message of messages) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    // In pieces: a message need not come whole.
    socket.write(length.subarray(0, 1));
    socket.write(Buffer.concat([length.subarray(1), message]));
  }
  let received = Buffer.alloc(0);
  for await (const chunk of socket) {
    received = Buffer.concat([received, chunk as Buffer]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      replies.push(decode(received.subarray(2, end)) as Reply);
      received = received.subarray(end);
    }
    if (replies.length === messages.length) break;
  }
  return replies;
}

async function ask(server: DnsServer, name: string, type = 'TXT'): Promise<Reply> {
  return await udp(server, packet({ name, type, edns: 1232 }));
}

function tell(answer: Answer): string {
  if (answer.type === 'OPT') return 'OPT';
  const data = 'data' in answer ? answer.data : undefined;
  const text = Array.isArray(data)
    ? data.map((each) => JSON.stringify(String(each))).join(' ')
    : typeof data === 'string'
      ? data
      : JSON.stringify(data);
  return `${answer.name} ${'ttl' in answer ? (answer.ttl ?? 0) : 0} ${answer.type} ${text}`;
}
const told = (answers: readonly Answer[] | undefined): readonly string[] =>
  (answers ?? []).filter(({ type }) => type !== 'OPT').map(tell);

function add(...sets: readonly Partial<RecordSetInput>[]): string {
  const records = sets.map((set) => ({ name: 'lan.example', type: 'TXT', ttl: 10, ...set }));
  return store.addZone({ name: 'lan.example', nameServers: ['ns.lan.example'], records }).id;
}
const soa =
  /^lan\.example 900 SOA \{"mname":"ns\.lan\.example","rname":"awsdns-hostmaster\.amazon\.com","serial":1,.*"minimum":86400\}$/;

describe('answers', () => {
  it('of every type that is served', async () => {
    add(
      { name: 'nas.lan.example', type: 'A', ttl: 60, values: ['192.0.2.1', '192.0.2.2'] },
      { name: 'nas.lan.example', type: 'AAAA', values: ['2001:db8::1'] },
      { name: 'nas.lan.example', type: 'MX', values: ['10 Mail.lan.example'] },
      { name: 'nas.lan.example', type: 'SRV', values: ['1 2 443 nas.lan.example'] },
      {
        name: 'nas.lan.example',
        type: 'CAA',
        values: ['0 issue "ca.example; validationmethods=dns-01"', '128 issuewild ";"'],
      },
      { name: 'nas.lan.example', type: 'TXT', values: ['"one" "two\\040\\"x\\""', '""'] },
      { name: 'nas.lan.example', type: 'SSHFP', values: [`1 1 ${'00FF'.repeat(10)}`] },
      { name: 'nas.lan.example', type: 'TLSA', values: ['3 1 1 00ff'] },
      { name: 'nas.lan.example', type: 'DS', values: ['1 8 2 00ff'] },
      { name: 'ptr.lan.example', type: 'PTR', values: ['nas.lan.example.'] },
      { name: 'www.lan.example', type: 'CNAME', values: ['elsewhere.example'] },
    );
    const server = await start();
    const answers = async (name: string, type: string): Promise<readonly string[]> =>
      told((await ask(server, name, type)).answers);
    expect(await answers('nas.lan.example', 'A')).toEqual([
      'nas.lan.example 60 A 192.0.2.1',
      'nas.lan.example 60 A 192.0.2.2',
    ]);
    expect(await answers('nas.lan.example', 'AAAA')).toEqual(['nas.lan.example 10 AAAA 2001:db8::1']);
    expect(await answers('nas.lan.example', 'MX')).toEqual([
      'nas.lan.example 10 MX {"preference":10,"exchange":"mail.lan.example"}',
    ]);
    expect(await answers('nas.lan.example', 'SRV')).toEqual([
      'nas.lan.example 10 SRV {"priority":1,"weight":2,"port":443,"target":"nas.lan.example"}',
    ]);
    expect(await answers('nas.lan.example', 'CAA')).toEqual([
      'nas.lan.example 10 CAA {"flags":0,"tag":"issue","value":"ca.example; validationmethods=dns-01","issuerCritical":false}',
      'nas.lan.example 10 CAA {"flags":128,"tag":"issuewild","value":";","issuerCritical":true}',
    ]);
    expect(await answers('nas.lan.example', 'TXT')).toEqual([
      String.raw`nas.lan.example 10 TXT "one" "two \"x\""`,
      'nas.lan.example 10 TXT ""',
    ]);
    expect(await answers('nas.lan.example', 'SSHFP')).toEqual([
      `nas.lan.example 10 SSHFP {"algorithm":1,"hash":1,"fingerprint":"${'00FF'.repeat(10)}"}`,
    ]);
    expect(await answers('nas.lan.example', 'TLSA')).toHaveLength(1);
    expect(await answers('nas.lan.example', 'DS')).toHaveLength(1);
    expect(await answers('ptr.lan.example', 'PTR')).toEqual(['ptr.lan.example 10 PTR nas.lan.example']);
    expect(await answers('lan.example', 'NS')).toEqual(['lan.example 172800 NS ns.lan.example']);
    expect((await answers('lan.example', 'SOA'))[0]).toMatch(soa);
    expect(await answers('nas.lan.example', 'ANY')).toHaveLength(12);
  });

  it('with AA, the id and the RD bit of the query, never RA', async () => {
    add({ values: ['"v"'] });
    const reply = await udp(await start(), packet({ name: 'lan.example', flags: RECURSION_DESIRED }));
    expect(reply).toMatchObject({
      id: 4711,
      rcode: 'NOERROR',
      flag_qr: true,
      flag_aa: true,
      flag_rd: true,
      flag_ra: false,
      flag_tc: false,
    });
    expect(told(reply.authorities)).toEqual([]);
  });

  it('in the case of the question', async () => {
    add({ name: 'nas.lan.example', values: ['"v"'] });
    const reply = await ask(await start(), 'NaS.lAn.ExAmPlE');
    expect(reply.questions?.[0]?.name).toBe('NaS.lAn.ExAmPlE');
    expect(told(reply.answers)).toEqual(['NaS.lAn.ExAmPlE 10 TXT "v"']);
  });

  it('with the SOA where a name has nothing of the type', async () => {
    add({ name: 'nas.lan.example', values: ['"v"'] });
    const reply = await ask(await start(), 'nas.lan.example', 'A');
    expect([reply.rcode, reply.flag_aa, told(reply.answers)]).toEqual(['NOERROR', true, []]);
    expect(told(reply.authorities)).toEqual([expect.stringMatching(soa)]);
  });

  it('with the SOA and NXDOMAIN where there is no such name', async () => {
    add();
    const reply = await ask(await start(), 'nothere.lan.example');
    expect([reply.rcode, reply.flag_aa]).toEqual(['NXDOMAIN', true]);
    expect(told(reply.authorities)).toEqual([expect.stringMatching(soa)]);
  });

  it('with a TTL for absence that is the smaller of SOA TTL and minimum', async () => {
    const zoneId = add();
    const set = store.records(zoneId).find(({ type }) => type === 'SOA')!;
    const value = set.values[0]!.replace('86400', '5');
    store.edit(zoneId, [{ action: 'UPSERT', recordSet: { ...set, values: [value] } }]);
    const reply = await ask(await start(), 'nothere.lan.example');
    expect(told(reply.authorities)[0]).toMatch(/^lan\.example 5 SOA /);
  });

  it('REFUSED for zones that are not ours', async () => {
    add();
    const server = await start();
    for (const name of ['example', 'wlan.example', 'com', '.']) {
      const reply = await ask(server, name);
      expect([name, reply.rcode, reply.flag_aa, reply.answers]).toEqual([name, 'REFUSED', false, []]);
    }
  });

  it('SERVFAIL rather than a lie for types that it cannot write', async () => {
    add({ name: 'nas.lan.example', type: 'NAPTR', values: ['100 50 "s" "http" "" a.example.'] });
    const server = await start();
    expect((await ask(server, 'nas.lan.example', 'NAPTR')).rcode).toBe('SERVFAIL');
    expect(server.queries[0]?.problem).toContain('has no wire form for NAPTR records');
  });
});

describe('wildcards and empty non-terminals (RFC 4592)', () => {
  beforeEach(() => {
    add(
      { name: '*.lan.example', type: 'A', values: ['192.0.2.9'] },
      { name: '_acme-challenge.nas.lan.example', values: ['"v"'] },
      { name: 'printer.lan.example', type: 'TXT', values: ['"p"'] },
      { name: '*.sub.lan.example', type: 'CNAME', values: ['printer.lan.example'] },
    );
  });

  it.each([
    ['tv.lan.example', 'A', 'NOERROR', ['tv.lan.example 10 A 192.0.2.9']],
    ['a.b.lan.example', 'A', 'NOERROR', ['a.b.lan.example 10 A 192.0.2.9']],
    ['*.lan.example', 'A', 'NOERROR', ['*.lan.example 10 A 192.0.2.9']],
    ['tv.lan.example', 'TXT', 'NOERROR', []],
    // The challenge makes nas exist, and the wildcard stops answering for it and for what is below it.
    ['nas.lan.example', 'A', 'NOERROR', []],
    ['other.nas.lan.example', 'A', 'NXDOMAIN', []],
    ['printer.lan.example', 'A', 'NOERROR', []],
    ['sub.lan.example', 'A', 'NOERROR', []],
    [
      'x.sub.lan.example',
      'TXT',
      'NOERROR',
      ['x.sub.lan.example 10 CNAME printer.lan.example', 'printer.lan.example 10 TXT "p"'],
    ],
  ])('%s %s', async (name, type, rcode, answers) => {
    const reply = await ask(await start(), name, type);
    expect([reply.rcode, told(reply.answers)]).toEqual([rcode, answers]);
    expect(told(reply.authorities)).toHaveLength(answers.length === 0 ? 1 : 0);
  });

  it('the wildcard is back once the challenge is gone', async () => {
    const zoneId = store.zones()[0]!.id;
    store.edit(zoneId, [
      {
        action: 'DELETE',
        recordSet: { name: '_acme-challenge.nas.lan.example', type: 'TXT', ttl: 10, values: ['"v"'] },
      },
    ]);
    expect(told((await ask(await start(), 'nas.lan.example', 'A')).answers)).toEqual([
      'nas.lan.example 10 A 192.0.2.9',
    ]);
  });
});

describe('CNAMEs', () => {
  it('come with the records they lead to, over several steps and into another zone of ours', async () => {
    add(
      { name: '_acme-challenge.nas.lan.example', type: 'CNAME', values: ['Nas.Acme.lan.example'] },
      { name: 'nas.acme.lan.example', type: 'CNAME', ttl: 20, values: ['nas.other.example.'] },
    );
    store.addZone({
      name: 'other.example',
      records: [{ name: 'nas.other.example', type: 'TXT', ttl: 30, values: ['"v"'] }],
    });
    const server = await start();
    const reply = await ask(server, '_ACME-challenge.nas.lan.example');
    expect(reply).toMatchObject({ rcode: 'NOERROR', flag_aa: true });
    expect(told(reply.answers)).toEqual([
      '_ACME-challenge.nas.lan.example 10 CNAME nas.acme.lan.example',
      'nas.acme.lan.example 20 CNAME nas.other.example',
      'nas.other.example 30 TXT "v"',
    ]);
    expect(told((await ask(server, '_acme-challenge.nas.lan.example', 'CNAME')).answers)).toHaveLength(1);
  });

  it('out of our zones come alone', async () => {
    add({ name: 'a.lan.example', type: 'CNAME', values: ['elsewhere.test'] });
    const reply = await ask(await start(), 'a.lan.example');
    expect([reply.rcode, told(reply.answers), told(reply.authorities)]).toEqual([
      'NOERROR',
      ['a.lan.example 10 CNAME elsewhere.test'],
      [],
    ]);
  });

  it('to nothing end in NXDOMAIN, to nothing of the type with the SOA', async () => {
    add(
      { name: 'a.lan.example', type: 'CNAME', values: ['nothere.lan.example'] },
      { name: 'b.lan.example', type: 'CNAME', values: ['lan.example'] },
    );
    const server = await start();
    for (const [name, rcode] of [
      ['a.lan.example', 'NXDOMAIN'],
      ['b.lan.example', 'NOERROR'],
    ] as const) {
      const reply = await ask(server, name);
      expect([reply.rcode, told(reply.answers).length, told(reply.authorities).length]).toEqual([
        rcode,
        1,
        1,
      ]);
    }
  });

  it('in a circle end', async () => {
    add(
      { name: 'a.lan.example', type: 'CNAME', values: ['b.lan.example'] },
      { name: 'b.lan.example', type: 'CNAME', values: ['a.lan.example'] },
    );
    expect(told((await ask(await start(), 'a.lan.example')).answers)).toHaveLength(2);
  });
});

describe('delegation', () => {
  it('a name below an NS set is referred, without AA and with glue', async () => {
    add(
      { name: 'sub.lan.example', type: 'NS', values: ['ns.sub.lan.example', 'ns.elsewhere.test'] },
      { name: 'ns.sub.lan.example', type: 'A', values: ['192.0.2.53'] },
      { name: '_acme-challenge.x.sub.lan.example', values: ['"never served"'] },
    );
    const server = await start();
    const reply = await ask(server, '_acme-challenge.x.sub.lan.example');
    expect([reply.rcode, reply.flag_aa, told(reply.answers)]).toEqual(['NOERROR', false, []]);
    expect(told(reply.authorities)).toEqual([
      'sub.lan.example 10 NS ns.sub.lan.example',
      'sub.lan.example 10 NS ns.elsewhere.test',
    ]);
    expect(told(reply.additionals)).toEqual(['ns.sub.lan.example 10 A 192.0.2.53']);
    expect((await ask(server, 'sub.lan.example', 'NS')).flag_aa).toBe(false);
    expect((await ask(server, 'sub.lan.example', 'DS')).flag_aa).toBe(true);
  });

  it('a zone of ours answers for itself: what stands in its parent is never served', async () => {
    store.addZone({
      name: 'example',
      records: [
        { name: '_acme-challenge.nas.lan.example', type: 'TXT', ttl: 10, values: ['"in the wrong zone"'] },
      ],
    });
    add();
    expect((await ask(await start(), '_acme-challenge.nas.lan.example')).rcode).toBe('NXDOMAIN');
  });

  it('private zones are not served, and of two public ones of a name the first is', async () => {
    const records = (text: string) => ({
      records: [{ name: 'lan.example', type: 'TXT', ttl: 10, values: [`"${text}"`] }],
    });
    store.addZone({ name: 'lan.example', isPrivate: true, ...records('private') });
    store.addZone({ name: 'lan.example', ...records('first') });
    const { id } = store.addZone({ name: 'lan.example', ...records('second') });
    expect(told((await ask(await start(), 'lan.example')).answers)).toEqual(['lan.example 10 TXT "first"']);
    expect(told((await ask(await start({ zoneIds: [id] }), 'lan.example')).answers)).toEqual([
      'lan.example 10 TXT "second"',
    ]);
  });
});

describe('routed sets', () => {
  const routed = (count: number, member: Partial<RecordSetInput>): readonly Partial<RecordSetInput>[] =>
    Array.from({ length: count }, (_, index) => ({
      name: 'm.lan.example',
      values: [`"${index}"`],
      setIdentifier: `${index}`,
      ...member,
    }));

  it('at most eight of the multivalue sets come, by chance', async () => {
    add(...routed(9, { multiValueAnswer: true }));
    const server = await start();
    const seen = new Set<string>();
    for (let each = 0; each < 50; each += 1) {
      const { answers } = await ask(server, 'm.lan.example');
      expect(answers).toHaveLength(8);
      for (const line of told(answers)) seen.add(line);
    }
    expect(seen.size).toBe(9);
  });

  it('one of the weighted', async () => {
    add(...routed(3, { weight: 1 }));
    expect((await ask(await start(), 'm.lan.example')).answers).toHaveLength(1);
  });

  it('an alias is answered with what it stands for', async () => {
    const aliasTarget = { hostedZoneId: 'Z', dnsName: 'nas.lan.example', evaluateTargetHealth: false };
    add(
      { name: 'nas.lan.example', type: 'A', values: ['192.0.2.1'] },
      { name: 'www.lan.example', type: 'A', ttl: undefined, values: undefined, aliasTarget },
    );
    expect(told((await ask(await start(), 'www.lan.example', 'A')).answers)).toEqual([
      'www.lan.example 10 A 192.0.2.1',
    ]);
  });
});

describe('propagation', () => {
  it('a change is served when it is INSYNC, not before', async () => {
    const zoneId = add();
    const server = await start();
    const recordSet = { name: 'x.lan.example', type: 'TXT', ttl: 10, values: ['"v"'] };
    const { id } = store.change(zoneId, [{ action: 'CREATE', recordSet }], { by: 'test' });
    clock += 299;
    expect([store.changeStatus(id)?.status, (await ask(server, 'x.lan.example')).rcode]).toEqual([
      'PENDING',
      'NXDOMAIN',
    ]);
    clock += 1;
    expect([store.changeStatus(id)?.status, (await ask(server, 'x.lan.example')).rcode]).toEqual([
      'INSYNC',
      'NOERROR',
    ]);
  });

  it('a server may lag behind another', async () => {
    const zoneId = add();
    const [prompt, late, stuck] = [
      await start(),
      await start({ faults: { lagMs: 5000 } }),
      await start({ faults: { lagMs: Infinity } }),
    ];
    const recordSet = { name: 'x.lan.example', type: 'TXT', ttl: 10, values: ['"v"'] };
    store.edit(zoneId, [{ action: 'CREATE', recordSet }]);
    const rcodes = async (): Promise<readonly string[]> => [
      (await ask(prompt, 'x.lan.example')).rcode,
      (await ask(late, 'x.lan.example')).rcode,
      (await ask(stuck, 'x.lan.example')).rcode,
    ];
    clock += 4999;
    expect(await rcodes()).toEqual(['NOERROR', 'NXDOMAIN', 'NXDOMAIN']);
    clock += 1;
    expect(await rcodes()).toEqual(['NOERROR', 'NOERROR', 'NXDOMAIN']);
  });
});

describe('the transport', () => {
  const many = Array.from({ length: 10 }, (_, index) => `"${'x'.repeat(100)}${index}"`);

  it('over 512 bytes without EDNS: TC and nothing else; the whole of it by TCP on the same port', async () => {
    add({ name: 'big.lan.example', values: many });
    const server = await start();
    const reply = await udp(server, packet({ name: 'big.lan.example' }));
    expect(reply).toMatchObject({ rcode: 'NOERROR', flag_tc: true, flag_aa: true, answers: [] });
    const [whole] = await tcp(server, packet({ name: 'big.lan.example' }));
    expect(whole).toMatchObject({ flag_tc: false, flag_aa: true });
    expect(whole?.answers).toHaveLength(10);
  });

  it('over the EDNS size too, and not under it', async () => {
    add({ name: 'big.lan.example', values: many });
    const server = await start();
    expect((await udp(server, packet({ name: 'big.lan.example', edns: 1232 }))).flag_tc).toBe(true);
    const reply = await udp(server, packet({ name: 'big.lan.example', edns: 4096 }));
    expect([reply.flag_tc, reply.answers?.length]).toEqual([false, 10]);
  });

  it('an EDNS size below 512 is 512', async () => {
    add(
      { name: 'a.lan.example', values: many.slice(0, 3) },
      { name: 'b.lan.example', values: many.slice(0, 5) },
    );
    const server = await start();
    expect((await udp(server, packet({ name: 'a.lan.example', edns: 100 }))).flag_tc).toBe(false);
    expect((await udp(server, packet({ name: 'b.lan.example', edns: 100 }))).flag_tc).toBe(true);
  });

  it('EDNS is answered with EDNS, and only then', async () => {
    add();
    const server = await start();
    const withEdns = await udp(server, packet({ name: 'lan.example', edns: 1232 }));
    expect(withEdns.additionals).toMatchObject([{ type: 'OPT', ednsVersion: 0, udpPayloadSize: 4096 }]);
    expect((await udp(server, packet({ name: 'lan.example' }))).additionals).toEqual([]);
  });

  it('an EDNS version of the future is BADVERS', async () => {
    add({ values: ['"v"'] });
    const message = encode({
      type: 'query',
      id: 1,
      questions: [{ name: 'lan.example', type: 'TXT' }],
      additionals: [opt(1232, 1)],
    });
    const reply = await udp(await start(), message);
    expect(reply.answers).toEqual([]);
    expect(reply.additionals).toMatchObject([{ type: 'OPT', extendedRcode: 1 }]);
  });

  it('several queries on one connection', async () => {
    add({ values: ['"v"'] });
    const replies = await tcp(
      await start(),
      packet({ name: 'lan.example' }),
      packet({ name: 'x.lan.example' }),
    );
    expect(replies.map(({ rcode }) => rcode)).toEqual(['NOERROR', 'NXDOMAIN']);
  });

  it('what is no question is refused in kind', async () => {
    add();
    const server = await start();
    const two = encode({
      type: 'query',
      id: 1,
      questions: [
        { name: 'lan.example', type: 'TXT' },
        { name: 'lan.example', type: 'A' },
      ],
    });
    expect((await udp(server, two)).rcode).toBe('FORMERR');
    expect((await udp(server, packet({ name: 'lan.example', flags: 5 << 11 }))).rcode).toBe('NOTIMP');
    expect((await udp(server, packet({ name: 'lan.example', class: 'CH' }))).rcode).toBe('REFUSED');
    expect((await tcp(server, packet({ name: 'lan.example', type: 'AXFR' })))[0]?.rcode).toBe('REFUSED');
    const garbage = Buffer.from([0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x3f]);
    expect(await udp(server, garbage)).toMatchObject({ id: 0x1234, rcode: 'FORMERR' });
  });

  it("Node's own resolver gets along with it", async () => {
    add({ name: '_acme-challenge.nas.lan.example', values: ['"one" "two"', ...many] });
    const resolver = new Resolver();
    resolver.setServers([(await start()).address]);
    const values = await resolver.resolveTxt('_acme-challenge.nas.lan.example');
    expect(values[0]).toEqual(['one', 'two']);
    expect(values).toHaveLength(11);
    expect(await resolver.resolveNs('lan.example')).toEqual(['ns.lan.example']);
    expect(await resolver.resolveSoa('lan.example')).toMatchObject({ nsname: 'ns.lan.example', serial: 1 });
    await expect(resolver.resolveTxt('nothere.lan.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(resolver.resolveTxt('wlan.example')).rejects.toMatchObject({ code: 'EREFUSED' });
  });
});

describe('faults', () => {
  beforeEach(() => {
    add({ values: ['"v"'] });
  });

  it('silence', async () => {
    const server = await start({ faults: { isSilent: true } });
    const socket = createSocket('udp4');
    let isAnswered = false;
    socket.on('message', () => (isAnswered = true));
    socket.send(packet({ name: 'lan.example' }), server.port, '127.0.0.1');
    await expect.poll(() => server.queries.length).toBe(1);
    server.faults.isSilent = false;
    await ask(server, 'lan.example');
    socket.close();
    expect(isAnswered).toBe(false);
    expect(server.queries.map(({ rcode }) => rcode)).toEqual([undefined, 'NOERROR']);
  });

  it('no AA', async () => {
    const reply = await ask(await start({ faults: { isNotAuthoritative: true } }), 'lan.example');
    expect([reply.flag_aa, told(reply.answers)]).toEqual([false, ['lan.example 10 TXT "v"']]);
  });

  it('an rcode', async () => {
    const server = await start({ faults: { rcode: 'SERVFAIL' } });
    expect(await ask(server, 'lan.example')).toMatchObject({ rcode: 'SERVFAIL', answers: [] });
    server.faults.rcode = undefined;
    expect((await ask(server, 'lan.example')).rcode).toBe('NOERROR');
  });

  it('TC every time, by UDP', async () => {
    const server = await start({ faults: { isTruncating: true } });
    expect(await ask(server, 'lan.example')).toMatchObject({ flag_tc: true, answers: [] });
    expect((await tcp(server, packet({ name: 'lan.example' })))[0]).toMatchObject({ flag_tc: false });
  });

  it('a late answer', async () => {
    const server = await start({ faults: { delayMs: 60 } });
    const before = performance.now();
    await ask(server, 'lan.example');
    expect(performance.now() - before).toBeGreaterThan(55);
  });
});

it('the log has every query: when, how, what, and what came of it', async () => {
  add({ values: ['"v"'] });
  const server = await start();
  await ask(server, 'LAN.example');
  clock += 1000;
  await tcp(server, packet({ name: 'x.lan.example', type: 'A' }));
  expect(server.queries).toEqual([
    {
      time: new Date('2026-11-22T12:00:00Z'),
      transport: 'udp',
      name: 'LAN.example',
      type: 'TXT',
      rcode: 'NOERROR',
      answers: 1,
      isTruncated: false,
    },
    {
      time: new Date('2026-11-22T12:00:01Z'),
      transport: 'tcp',
      name: 'x.lan.example',
      type: 'A',
      rcode: 'NXDOMAIN',
      answers: 0,
      isTruncated: false,
    },
  ]);
  expect(server.count('lan.example.')).toBe(1);
  expect(server.count('lan.example', 'A')).toBe(0);
});

it('one number for both transports, given or chosen', async () => {
  add();
  const { port } = await start();
  await started.pop()?.close();
  const server = await start({ port });
  expect(server.address).toBe(`127.0.0.1:${port}`);
  await expect(startDns({ store, port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
