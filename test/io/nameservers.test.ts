import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Packet, TxtAnswer as TxtRecord } from 'dns-packet';
import { encode } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { makeNameServers } from '../../src/io/nameservers.ts';
import { dnsQuery, readAnswer } from '../../src/io/nameservers-message.ts';
import type { TxtAnswer } from '../../src/ports.ts';
import { FakeLog } from '../fakes/log.ts';
import { authoritative, type Script, type ScriptedDns, startScriptedDns, truncated } from './scripted-dns.ts';

const name = parseDnsName('_acme-challenge.lan.example');
const signal = new AbortController().signal;

const txt = (data: TxtRecord['data'], more: Partial<TxtRecord> = {}): TxtRecord => ({
  type: 'TXT',
  name,
  class: 'IN',
  ttl: 10,
  data,
  ...more,
});
const good: Partial<Packet> = { answers: [txt('value')] };
const lie: Partial<Packet> = { answers: [txt('lie')] };
const answered = (
  values: readonly (string | readonly string[])[],
  more: object = { ttl: 10 },
): TxtAnswer => ({
  kind: 'answered',
  authoritative: true,
  values: values.map((value) => [value].flat()),
  ...more,
});

const servers: ScriptedDns[] = [];
afterEach(async () => {
  await Promise.all(
    servers.splice(0).map(async (server) => {
      await server.stop();
    }),
  );
});

async function ask(script: Script, timeoutMs = 20_000): Promise<{ answer: TxtAnswer; server: ScriptedDns }> {
  const server = await startScriptedDns(script);
  servers.push(server);
  const nameServers = makeNameServers({ configured: [], log: new FakeLog(), timeoutMs });
  const answer = await nameServers.txt({ host: 'ns', address: '127.0.0.1', port: server.port }, name, signal);
  return { answer, server };
}

describe('an authoritative answer', () => {
  it.each<[string, Partial<Packet>, TxtAnswer]>([
    ['gives values and TTL', { answers: [txt('one'), txt('two')] }, answered(['one', 'two'])],
    ['keeps the strings of a value apart', { answers: [txt(['one', 'two'])] }, answered([['one', 'two']])],
    [
      'keeps bytes that are not ASCII, as Latin-1',
      { answers: [txt(Buffer.of(0xe9, 0x00, 0xff))] },
      answered(['\u00e9\u0000\u00ff']),
    ],
    ['without records is an answer', {}, answered([], {})],
    ['that there is no such name is an answer', { flags: authoritative | 3 }, answered([], {})],
    [
      'may repeat the name in another case',
      { answers: [txt('v', { name: name.toUpperCase() })] },
      answered(['v']),
    ],
    [
      'counts only TXT records at the name',
      {
        answers: [
          { type: 'CNAME', name, data: 'elsewhere.example' },
          txt('not ours', { name: 'elsewhere.example' }),
        ],
      },
      answered([], {}),
    ],
    [
      'says when it has no authority',
      { ...good, flags: 0 },
      { kind: 'answered', authoritative: false, values: [['value']], ttl: 10 },
    ],
  ])('%s', async (_title, packet, expected) => {
    expect((await ask(() => [packet])).answer).toEqual(expected);
  });

  it('that was cut is asked for again by TCP', async () => {
    const values = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(40, '.'));
    const { answer, server } = await ask((_query, via) =>
      via === 'udp'
        ? [{ flags: authoritative | truncated }]
        : [{ answers: values.map((value) => txt(value)) }],
    );
    expect(answer).toEqual(answered(values));
    expect(server.asked).toEqual(['udp', 'tcp']);
  });

  it('that does not come by UDP is asked for by TCP', async () => {
    const { answer, server } = await ask((_query, via) => (via === 'udp' ? [] : [good]), 1000);
    expect(answer).toEqual(answered(['value']));
    expect(server.asked).toEqual(['udp', 'tcp']);
  });

  it('is asked for without recursion, with room for a large datagram', async () => {
    let seen: unknown;
    await ask((query) => {
      seen = { rd: query.flag_rd, questions: query.questions, size: query.additionals?.[0] };
      return [good];
    });
    expect(seen).toMatchObject({
      rd: false,
      questions: [{ name, type: 'TXT', class: 'IN' }],
      size: { type: 'OPT', udpPayloadSize: 1232 },
    });
  });
});

describe('a packet that is no answer to the question is passed over', () => {
  const query = dnsQuery(name, 'TXT');
  const whole = encode({
    type: 'response',
    id: query.id,
    flags: authoritative,
    questions: [{ name, type: 'TXT', class: 'IN' }],
    ...good,
  });
  const header = (questions: number, answers: number) =>
    Buffer.from([0, 0, 0x84, 0, 0, questions, 0, answers, 0, 0, 0, 0]);
  const question = Buffer.from('\x0f_acme-challenge\x03lan\x07example\0\0\x10\0\x01', 'latin1');
  const withId = (bytes: Buffer, id: number) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 1) copy.writeUInt16BE(id);
    return copy;
  };

  it.each<[string, (id: number) => Buffer | Partial<Packet>]>([
    ['of another id', (id) => ({ ...lie, id: id ^ 1 })],
    ['that is a query itself', () => ({ ...lie, type: 'query' })],
    ['to another name', () => ({ ...lie, questions: [{ name: 'other.example', type: 'TXT' }] })],
    ['to another type', () => ({ ...lie, questions: [{ name, type: 'A' }] })],
    ['to another class', () => ({ ...lie, questions: [{ name, type: 'TXT', class: 'CH' }] })],
    ['without a question', () => ({ ...lie, questions: [] })],
    [
      'with two questions',
      () => ({
        ...lie,
        questions: [
          { name, type: 'TXT' },
          { name, type: 'A' },
        ],
      }),
    ],
    ['of nothing', () => Buffer.alloc(0)],
    ['of one byte', () => Buffer.of(1)],
    ['of noise', () => Buffer.alloc(512, 0xa5)],
    ['cut in the middle of a value', (id) => withId(whole.subarray(0, -3), id)],
    ['cut before the value', (id) => withId(whole.subarray(0, -6), id)],
    [
      'whose name points at itself',
      (id) => withId(Buffer.concat([header(1, 1), Buffer.of(0xc0, 12, 0, 16, 0, 1)]), id),
    ],
    [
      'whose names point at each other',
      (id) => withId(Buffer.concat([header(1, 1), Buffer.of(0xc0, 14, 0xc0, 12), question]), id),
    ],
    [
      'whose answer points beyond the packet',
      (id) =>
        withId(
          Buffer.concat([
            header(1, 1),
            question,
            Buffer.of(0xff, 0xff, 0, 16, 0, 1, 0, 0, 0, 1, 0, 2, 1, 0x61),
          ]),
          id,
        ),
    ],
    ['that counts more answers than it holds', (id) => withId(Buffer.concat([header(1, 255), question]), id)],
    [
      'whose value is longer than its record',
      (id) =>
        withId(
          Buffer.concat([
            header(1, 1),
            question,
            Buffer.of(0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 1, 0, 2, 200, 0x61),
          ]),
          id,
        ),
    ],
    [
      'whose record is longer than the packet',
      (id) =>
        withId(
          Buffer.concat([
            header(1, 1),
            question,
            Buffer.of(0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 1, 1, 0, 200, 0x61),
          ]),
          id,
        ),
    ],
  ])('%s', async (_title, attack) => {
    // The attack comes first; a client that believed it, or gave up over it, would not see the true answer.
    const { answer } = await ask(({ id = 0 }) => [attack(id), good]);
    expect(answer).toEqual(answered(['value']));
  });

  it('whatever bytes it is made of, and however a true one is damaged', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 600 }),
      fc.uint8Array({ maxLength: 600 }).map((rest) => Buffer.concat([whole.subarray(0, 12), rest])),
      fc.nat(whole.length - 1).map((end) => whole.subarray(0, end)),
    );
    fc.assert(
      fc.property(bytes, (packet) => {
        const reading = readAnswer(Buffer.from(packet), query);
        // Random bytes may happen to be an empty answer to the question, but hold no value of ours.
        expect(reading).not.toMatchObject({ kind: 'answered', records: [['value']] });
      }),
      { numRuns: 2000 },
    );
    expect(readAnswer(whole, query)).toMatchObject({ kind: 'answered', records: [['value']] });
  });

  it('from another server than the one that was asked', async () => {
    const liar = createSocket('udp4').bind(0, '127.0.0.1');
    await once(liar, 'listening');
    const { answer } = await ask((seen, via) => {
      if (via === 'udp') {
        const lie = encode({
          type: 'response',
          id: seen.id ?? 0,
          flags: authoritative,
          questions: seen.questions ?? [],
          answers: [txt('lie')],
        });
        liar.send(lie, servers[0]?.sourcePorts.at(-1) ?? 0, '127.0.0.1');
      }
      return [good];
    });
    liar.close();
    expect(answer).toEqual(answered(['value']));
  });

  it('and each query has an id and a source port of its own', async () => {
    const ids = new Set<number | undefined>();
    const server = await startScriptedDns((seen) => {
      ids.add(seen.id);
      return [good];
    });
    servers.push(server);
    const nameServers = makeNameServers({ configured: [], log: new FakeLog() });
    for (let count = 0; count < 8; count += 1)
      await nameServers.txt({ host: 'ns', address: '127.0.0.1', port: server.port }, name, signal);
    expect(ids.size).toBeGreaterThan(4);
    expect(new Set(server.sourcePorts).size).toBeGreaterThan(4);
  });
});

describe('a server is unreachable', () => {
  it('when it says nothing, by UDP and then by TCP', async () => {
    const { answer, server } = await ask(() => [], 1000);
    expect(answer).toEqual({
      kind: 'unreachable',
      reason: 'no answer within 1000 ms; the connection was closed in the middle of an answer',
    });
    expect(server.asked).toEqual(['udp', 'tcp']);
  });

  it.each([
    [2, 'it answers SERVFAIL'],
    [5, 'it answers REFUSED'],
    [9, 'it answers RCODE 9'],
  ])('when its answer is RCODE %i', async (rcode, reason) => {
    expect((await ask(() => [{ flags: authoritative | rcode }])).answer).toEqual({
      kind: 'unreachable',
      reason,
    });
  });

  it.each<[string, readonly (Buffer | Partial<Packet>)[], string]>([
    ['does not fit', [{ ...good, questions: [] }], 'its answer over TCP does not fit the question'],
    ['is cut too', [{ flags: authoritative | truncated }], 'its answer over TCP does not fit the question'],
    ['does not come', [], 'the connection was closed in the middle of an answer'],
  ])('when its answer over TCP %s', async (_title, overTcp, reason) => {
    const { answer } = await ask((_query, via) =>
      via === 'udp' ? [{ flags: authoritative | truncated }] : overTcp,
    );
    expect(answer).toEqual({ kind: 'unreachable', reason });
  });

  it('when nothing listens there', async () => {
    const server = await startScriptedDns(() => []);
    await server.stop();
    const nameServers = makeNameServers({ configured: [], log: new FakeLog() });
    const answer = await nameServers.txt(
      { host: 'ns', address: '127.0.0.1', port: server.port },
      name,
      signal,
    );
    expect(answer).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('but an abort is thrown with its reason', async () => {
    const reason = new Error('told to stop');
    const aborting = new AbortController();
    const server = await startScriptedDns(() => {
      aborting.abort(reason);
      return [];
    });
    servers.push(server);
    const nameServers = makeNameServers({ configured: [], log: new FakeLog() });
    const asking = nameServers.txt(
      { host: 'ns', address: '127.0.0.1', port: server.port },
      name,
      aborting.signal,
    );
    await expect(asking).rejects.toBe(reason);
  });
});

describe('the servers of a zone', () => {
  const of = async (configured: readonly string[]) => {
    const log = new FakeLog();
    return { found: await makeNameServers({ configured, log }).of(parseDnsName('lan.example'), signal), log };
  };

  it.each([
    ['127.0.0.1', [{ host: '127.0.0.1', address: '127.0.0.1', port: 53 }]],
    ['127.0.0.1:5353', [{ host: '127.0.0.1', address: '127.0.0.1', port: 5353 }]],
    ['::1', [{ host: '::1', address: '::1', port: 53 }]],
    ['[::1]', [{ host: '::1', address: '::1', port: 53 }]],
    ['[::1]:5353', [{ host: '::1', address: '::1', port: 5353 }]],
  ])('configured as %s', async (text, expected) => {
    expect((await of([text])).found).toEqual(expected);
  });

  it('configured by name have all addresses of the name', async () => {
    const { found } = await of(['localhost:5353']);
    expect(found).toContainEqual({ host: 'localhost', address: '127.0.0.1', port: 5353 });
  });

  it('that cannot be found are told, and the others remain', async () => {
    const { found, log } = await of(['nothing.invalid', '127.0.0.1']);
    expect(found).toEqual([{ host: '127.0.0.1', address: '127.0.0.1', port: 53 }]);
    expect(log.lines).toEqual([expect.stringContaining('warn: cannot find a name server of lan.example: ')]);
  });

  it.each(['', 'a b', 'host:', 'host:0', 'host:65536', '[::1', '[127.0.0.1]', ':53', 'http://host'])(
    'cannot be configured as "%s"',
    (text) => {
      expect(() => makeNameServers({ configured: [text], log: new FakeLog() })).toThrow(
        `'${text}' is not a name server`,
      );
    },
  );
});
