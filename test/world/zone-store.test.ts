import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { BatchRefused } from './zone-batch.ts';
import { InvalidInput } from './zone-constraints.ts';
import type { Change, RecordSetInput } from './zone-records.ts';
import { diffSnapshots, NoSuchHostedZone, ZoneStore } from './zone-store.ts';

const challenge = '_acme-challenge.nas.lan.example';
const set = (overrides: Partial<RecordSetInput> = {}): RecordSetInput => ({
  name: challenge,
  type: 'TXT',
  ttl: 10,
  values: ['"v"'],
  ...overrides,
});
const change = (action: string, overrides: Partial<RecordSetInput> = {}): Change => ({
  action,
  recordSet: set(overrides),
});
const create = (overrides: Partial<RecordSetInput> = {}): Change => change('CREATE', overrides);
const remove = (overrides: Partial<RecordSetInput> = {}): Change => change('DELETE', overrides);
const upsert = (overrides: Partial<RecordSetInput> = {}): Change => change('UPSERT', overrides);
const multivalue = (
  identifier: string,
  overrides: Partial<RecordSetInput> = {},
): Partial<RecordSetInput> => ({
  setIdentifier: identifier,
  multiValueAnswer: true,
  ...overrides,
});

let clock: number;
let store: ZoneStore;
let zoneId: string;

beforeEach(() => {
  clock = Date.parse('2026-11-22T12:00:00Z');
  store = new ZoneStore({ now: () => new Date(clock) });
  zoneId = store.addZone({ name: 'Lan.Example', id: 'Z0123456789EXAMPLE' }).id;
});

const send = (...changes: readonly Change[]): string => store.change(zoneId, changes, { by: 'test' }).id;

/** What the batch is refused with; and that it left the zone as it was. */
function refusal(...changes: readonly Change[]): BatchRefused {
  const before = store.snapshot(zoneId);
  try {
    send(...changes);
  } catch (error) {
    expect(diffSnapshots(before, store.snapshot(zoneId))).toEqual([]);
    if (error instanceof BatchRefused) return error;
    throw error;
  }
  throw new Error('The batch was taken.');
}

function messages(...changes: readonly Change[]): readonly string[] {
  return refusal(...changes).messages;
}

describe('CREATE, DELETE and UPSERT', () => {
  it('a new zone has its NS and SOA', () => {
    expect(
      store
        .snapshot(zoneId)
        .split('\n')
        .map((line) => line.split(' ').slice(0, 3).join(' ')),
    ).toEqual([
      'lan.example. 172800 NS',
      'lan.example. 172800 NS',
      'lan.example. 172800 NS',
      'lan.example. 172800 NS',
      'lan.example. 900 SOA',
      '',
    ]);
  });

  it('a set that is not there is created', () => {
    send(create());
    expect(store.records(zoneId).at(-1)).toMatchObject({
      name: '_acme-challenge.nas.lan.example.',
      type: 'TXT',
      ttl: 10,
      values: ['"v"'],
    });
  });

  it('a set that is there is not, whatever its values and however its name is written', () => {
    send(create());
    expect(messages(create({ name: '_ACME-challenge.NAS.lan.example.', values: ['"other"'] }))).toEqual([
      `Tried to create resource record set [name='_acme-challenge.nas.lan.example.', type='TXT'] but it already exists`,
    ]);
  });

  it('says which set identifier is there', () => {
    send(create(multivalue('"v"')));
    expect(messages(create(multivalue('"v"')))).toEqual([
      `Tried to create resource record set [name='_acme-challenge.nas.lan.example.', type='TXT', ` +
        `set-identifier='"v"'] but it already exists`,
    ]);
  });

  it('a set that is not there is not deleted', () => {
    expect(messages(remove())).toEqual([
      `Tried to delete resource record set [name='_acme-challenge.nas.lan.example.', type='TXT'] but it was not found`,
    ]);
  });

  it.each([
    ['another value', { values: ['"w"'] }],
    ['a value more', { values: ['"v"', '"w"'] }],
    ['another TTL', { ttl: 11 }],
    ['a value in other letters', { values: ['"V"'] }],
  ])('a DELETE with %s does not match', (_, overrides) => {
    send(create());
    expect(messages(remove(overrides))).toEqual([
      `Tried to delete resource record set [name='_acme-challenge.nas.lan.example.', type='TXT'] but the values ` +
        `provided do not match the current values`,
    ]);
  });

  it('a DELETE with a value less does not match', () => {
    send(create({ values: ['"v"', '"w"'] }));
    expect(messages(remove())[0]).toContain('but the values provided do not match the current values');
  });

  it('a DELETE with the same name, type, TTL and values matches', () => {
    const before = store.snapshot(zoneId);
    send(create({ values: ['"v"', '"w"'] }));
    send(remove({ values: ['"w"', '"v"'] }));
    expect(store.snapshot(zoneId)).toBe(before);
  });

  it('in a store that demands it, in the listed order too', () => {
    store = new ZoneStore({ valueOrder: 'listed' });
    zoneId = store.addZone({ name: 'lan.example' }).id;
    send(create({ values: ['"v"', '"w"'] }));
    expect(messages(remove({ values: ['"w"', '"v"'] }))[0]).toContain('do not match the current values');
    send(remove({ values: ['"v"', '"w"'] }));
  });

  it('a DELETE may leave the routing members out, but not change them', () => {
    send(create(multivalue('one')), create({ ...multivalue('two'), values: ['"w"'] }));
    send(remove({ setIdentifier: 'one' }));
    expect(messages(remove({ setIdentifier: 'two', weight: 1, values: ['"w"'] }))[0]).toContain(
      'do not match',
    );
  });

  it('UPSERT replaces blindly, or creates', () => {
    send(upsert());
    send(upsert({ ttl: 60, values: ['"w"'] }));
    expect(store.records(zoneId).at(-1)).toMatchObject({ ttl: 60, values: ['"w"'] });
  });

  it('a value is kept as it was written', () => {
    const value = String.raw`"a\"b\\c\011 d" "E"`;
    send(create({ values: [value] }));
    expect(store.snapshot(zoneId)).toContain(`_acme-challenge.nas.lan.example. 10 TXT ${value}\n`);
  });
});

describe('a batch', () => {
  it('is taken whole or not at all', () => {
    expect(messages(create(), remove({ name: `other.${challenge}` }))).toEqual([
      `Tried to delete resource record set [name='other._acme-challenge.nas.lan.example.', type='TXT'] but it was not found`,
    ]);
  });

  it('says everything that is against it, in order', () => {
    send(create({ name: 'a.lan.example' }), create({ name: 'b.lan.example' }));
    expect(refusal(create({ name: 'b.lan.example' }), create({ name: 'a.lan.example' })).message).toBe(
      `[Tried to create resource record set [name='b.lan.example.', type='TXT'] but it already exists, ` +
        `Tried to create resource record set [name='a.lan.example.', type='TXT'] but it already exists]`,
    );
  });

  it('DELETE and then CREATE of one set replaces it', () => {
    send(create());
    send(remove(), create({ values: ['"v"', '"w"'], ttl: 10 }));
    expect(store.records(zoneId).at(-1)?.values).toEqual(['"v"', '"w"']);
  });

  it('fails as compare-and-swap when somebody else was faster', () => {
    send(create());
    store.edit(zoneId, [upsert({ values: ['"v"', '"theirs"'] })]);
    expect(messages(remove(), create({ values: ['"v"', '"mine"'] }))[0]).toContain(
      'but the values provided do not match the current values',
    );
    expect(store.snapshot(zoneId)).toContain('"theirs"');
  });

  it('may send a set unchanged, DELETE S and CREATE S', () => {
    send(create());
    const before = store.snapshot(zoneId);
    send(remove(), create());
    expect(store.snapshot(zoneId)).toBe(before);
  });

  it.each([
    ['CREATE twice', [create(), create()]],
    ['CREATE and UPSERT', [create(), upsert({ values: ['"w"'] })]],
    ['UPSERT twice', [upsert(), upsert({ name: challenge.toUpperCase() })]],
    ['CREATE before DELETE', [create(), remove()]],
    ['DELETE twice', [remove(), remove()]],
    ['DELETE, CREATE, CREATE', [remove(), create(), create()]],
  ])('%s of one set contradict each other', (_, changes) => {
    if (changes[0]?.action === 'DELETE') send(create());
    expect(refusal(...changes).message).toBe(
      `[The request contains an invalid set of changes for a resource record set ` +
        `'TXT _acme-challenge.nas.lan.example.']`,
    );
  });

  it('sets with two identifiers do not contradict each other', () => {
    send(create(multivalue('one')), create({ ...multivalue('two'), values: ['"w"'] }));
    expect(store.records(zoneId)).toHaveLength(4);
  });

  it('belongs to one zone', () => {
    expect(() => store.change('ZNONE', [create()], { by: 'test' })).toThrow(
      new NoSuchHostedZone('ZNONE').message,
    );
    expect(messages(create({ name: 'nas.wlan.example' }))).toEqual([
      'RRSet with DNS name nas.wlan.example. is not permitted in zone lan.example.',
    ]);
    expect(messages(create({ name: 'example' }))).toEqual([
      'RRSet with DNS name example. is not permitted in zone lan.example.',
    ]);
  });

  it('with a name that is none is refused without brackets', () => {
    const label = 'a'.repeat(64);
    expect(refusal(create({ name: `${label}.lan.example` })).message).toBe(
      `FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '${label}'`,
    );
  });

  const records = (count: number, action = 'CREATE'): readonly Change[] =>
    Array.from({ length: count }, (_, index) => change(action, { name: `h${index}.lan.example` }));
  it('has at most 1,000 records', () => {
    expect(messages(...records(1001))).toEqual(['Number of records limit of 1000 exceeded.']);
    send(...records(1000));
  });

  it('an UPSERT counts twice', () => {
    expect(messages(...records(501, 'UPSERT'))).toEqual(['Number of records limit of 1000 exceeded.']);
    send(...records(500, 'UPSERT'));
  });

  const long = (count: number, action = 'CREATE'): readonly Change[] =>
    records(count, action).map(({ recordSet }) => ({
      action,
      // 320 characters: what counts is the Value text, quotation marks and spaces included.
      recordSet: { ...recordSet, values: [`"${'a'.repeat(156)}" "${'b'.repeat(159)}"`] },
    }));
  it('has at most 32,000 characters of values', () => {
    const [first, ...others] = long(100);
    const oneMore = { ...first!.recordSet, values: [`${first!.recordSet.values![0]!} `] };
    expect(messages({ action: 'CREATE', recordSet: oneMore }, ...others)).toEqual([
      'RDATA character limit of 32000 exceeded.',
    ]);
    send(...long(100));
  });

  it('an UPSERT counts twice there too, and DELETE with CREATE comes to the same', () => {
    expect(messages(...long(51, 'UPSERT'))).toEqual(['RDATA character limit of 32000 exceeded.']);
    send(...long(50, 'UPSERT'));
    expect(messages(...long(51, 'DELETE'), ...long(51))).toEqual([
      'RDATA character limit of 32000 exceeded.',
    ]);
    send(...long(50, 'DELETE'), ...long(50));
  });
});

describe('the values of a set', () => {
  it.each([
    ['v', `InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'v'`],
    [
      `"${'a'.repeat(256)}"`,
      `CharacterStringTooLong (Value is too long) encountered with '"${'a'.repeat(256)}"'`,
    ],
  ])('are well-formed: %j', (value, problem) => {
    expect(refusal(create({ values: [value] })).message).toBe(
      `[Invalid Resource Record: FATAL problem: ${problem}]`,
    );
  });

  it('come once', () => {
    expect(refusal(create({ values: ['"v"', '"w"', '"v"'] })).message).toBe(
      `[Duplicate Resource Record: '"v"']`,
    );
  });

  it('are at most 400', () => {
    const values = Array.from({ length: 401 }, (_, index) => `"${index}"`);
    expect(messages(create({ values }))).toEqual(['Cannot have more than 400 records in a RRSet.']);
    send(create({ values: values.slice(1) }));
  });

  it('have at most 4,000 characters each', () => {
    const value = `"${'a'.repeat(250)}" `.repeat(16).slice(0, 4001);
    expect(() => send(create({ values: ['"v"', value] }))).toThrow(
      new InvalidInput(
        `1 validation error detected: Value '${value}' at 'changeBatch.changes.1.member.resourceRecordSet.` +
          `resourceRecords.2.member.value' failed to satisfy constraint: Member must have length less than or ` +
          `equal to 4000`,
      ),
    );
  });

  it('of a CNAME are one', () => {
    const cname = { name: 'www.lan.example', type: 'CNAME', values: ['a.example', 'b.example'] };
    expect(messages(create(cname))[0]).toContain('cannot have more than one record');
  });
});

describe('CNAMEs and others', () => {
  const cname = { type: 'CNAME', values: ['nas.acme.lan.example'] };

  it('a TXT finds no place at a CNAME', () => {
    send(create(cname));
    expect(messages(create())).toEqual([
      'RRSet of type TXT with DNS name _acme-challenge.nas.lan.example. is not permitted because a conflicting ' +
        'RRSet of type  CNAME with the same DNS name already exists in zone lan.example.',
    ]);
  });

  it('a CNAME finds no place at a TXT', () => {
    send(create());
    expect(messages(create(cname))).toEqual([
      'RRSet of type CNAME with DNS name _acme-challenge.nas.lan.example. is not permitted as it conflicts with ' +
        'other records with the same DNS name in zone lan.example.',
    ]);
  });

  it('the one goes before the other comes', () => {
    send(create());
    send(remove(), create(cname));
    expect(messages(create(), remove(cname))[0]).toContain('because a conflicting RRSet of type  CNAME');
    send(remove(cname), create());
  });

  it('no CNAME at the apex', () => {
    expect(messages(create({ ...cname, name: 'lan.example' }))).toEqual([
      'RRSet of type CNAME with DNS name lan.example. is not permitted at apex in zone lan.example.',
    ]);
  });
});

describe('simple sets and routed ones', () => {
  it('a multivalue set finds no place beside a simple one', () => {
    send(create());
    expect(messages(create(multivalue('"w"', { values: ['"w"'] })))).toEqual([
      'RRSet with DNS name _acme-challenge.nas.lan.example., type TXT, SetIdentifier "w" cannot be created as a ' +
        'non multivalue answer rrset exists with the same name and type.',
    ]);
  });

  it('nor a simple one beside multivalue ones', () => {
    send(create(multivalue('"w"')));
    expect(messages(create())).toEqual([
      'RRSet with DNS name _acme-challenge.nas.lan.example., type TXT cannot be created as other RRSets exist with ' +
        'the same name and type.',
    ]);
  });

  it('nor a weighted one', () => {
    send(create(multivalue('"w"')));
    expect(messages(create({ setIdentifier: 'x', weight: 1 }))).toEqual([
      'RRSet with DNS name _acme-challenge.nas.lan.example., type TXT, SetIdentifier x cannot be created as a ' +
        'non-weighted set exists with the same name and type.',
    ]);
  });

  it('weighted sets have one TTL', () => {
    send(create({ setIdentifier: 'x', weight: 1 }));
    expect(messages(create({ setIdentifier: 'y', weight: 1, ttl: 11 }))).toEqual([
      'RRSet with DNS name _acme-challenge.nas.lan.example., type TXT, SetIdentifier y cannot be created as ' +
        'weighted sets must contain the same TTL.',
    ]);
  });

  it('multivalue sets have one TTL: that of the last that was made', () => {
    send(create(multivalue('one', { ttl: 60 })));
    send(create({ type: 'A', ttl: 300, values: ['192.0.2.1'] }));
    send(create({ ...multivalue('two'), ttl: 10, values: ['"w"'] }));
    expect(store.records(zoneId).slice(2)).toMatchObject([
      { type: 'A', ttl: 300 },
      { setIdentifier: 'one', ttl: 10 },
      { setIdentifier: 'two', ttl: 10 },
    ]);
    expect(messages(remove(multivalue('one', { ttl: 60 })))[0]).toContain('do not match the current values');
  });

  it('at most 100 share a name and type', () => {
    const sets = Array.from({ length: 101 }, (_, index) =>
      create({ ...multivalue(`${index}`), values: [`"${index}"`] }),
    );
    expect(messages(...sets)[0]).toContain('at most 100 RRSets');
    send(...sets.slice(1));
  });

  it('no multivalue NS or CNAME', () => {
    expect(messages(create({ ...multivalue('x'), type: 'NS', values: ['ns.example'] }))[0]).toContain(
      'cannot be a multivalue answer rrset',
    );
  });

  it('other types at one name do not mind', () => {
    send(create(multivalue('x')), create({ type: 'A', values: ['192.0.2.1'] }));
  });
});

describe('the apex', () => {
  it('keeps its SOA', () => {
    const soa = store.records(zoneId).find(({ type }) => type === 'SOA')!;
    expect(messages({ action: 'DELETE', recordSet: soa })).toEqual([
      'A HostedZone must contain exactly one SOA record.',
    ]);
    const value = soa.values[0]!.replace('86400', '60');
    send({ action: 'DELETE', recordSet: soa }, { action: 'CREATE', recordSet: { ...soa, values: [value] } });
  });

  it('keeps an NS set', () => {
    const ns = store.records(zoneId).find(({ type }) => type === 'NS')!;
    expect(messages({ action: 'DELETE', recordSet: ns })).toEqual([
      'A HostedZone must contain at least one NS record for the zone itself.',
    ]);
    send({ action: 'UPSERT', recordSet: { ...ns, values: ['ns.lan.example.'] } });
  });

  it('alone has a SOA', () => {
    const soa = store.records(zoneId).find(({ type }) => type === 'SOA')!;
    expect(messages({ action: 'CREATE', recordSet: { ...soa, name: 'sub.lan.example' } })[0]).toContain(
      'only permitted at apex',
    );
  });
});

it('a zone has at most as many sets as it may', () => {
  store = new ZoneStore({ maximumRecordSets: 3 });
  zoneId = store.addZone({ name: 'lan.example', id: 'Z1' }).id;
  send(create());
  expect(messages(create({ name: 'a.lan.example' }))).toEqual([
    'Exceeded limit MAX_RRSETS_BY_ZONE for zone: Z1',
  ]);
});

describe('what is refused before the zone is looked at', () => {
  const at = 'changeBatch.changes.1.member';
  it.each([
    [
      change('REPLACE'),
      `Value 'REPLACE' at '${at}.action' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]`,
    ],
    [
      create({ ttl: -1 }),
      `Value '-1' at '${at}.resourceRecordSet.tTL' failed to satisfy constraint: Member must have value greater than or equal to 0`,
    ],
    [
      create({ ttl: 2147483648 }),
      `Value '2147483648' at '${at}.resourceRecordSet.tTL' failed to satisfy constraint: Member must have value less than or equal to 2147483647`,
    ],
    [
      create({ setIdentifier: '', weight: 1 }),
      `Value '' at '${at}.resourceRecordSet.setIdentifier' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    ],
    [
      create({ setIdentifier: 'x', weight: 256 }),
      `Value '256' at '${at}.resourceRecordSet.weight' failed to satisfy constraint: Member must have value less than or equal to 255`,
    ],
    [
      create({ setIdentifier: 'x', failover: 'THIRD' }),
      `Value 'THIRD' at '${at}.resourceRecordSet.failover' failed to satisfy constraint: Member must satisfy enum value set: [PRIMARY, SECONDARY]`,
    ],
  ])('a member out of its range: %j', (each, message) => {
    expect(() => send(each)).toThrow(new InvalidInput(`1 validation error detected: ${message}`));
  });

  it('several at once', () => {
    expect(() => send(create({ ttl: -1, type: 'txt' }))).toThrow(
      /^2 validation errors detected: Value 'txt' at .*; Value '-1' at /,
    );
  });

  it('a set identifier of more than 128 characters', () => {
    expect(() => send(create(multivalue('x'.repeat(129))))).toThrow('length less than or equal to 128');
    send(create(multivalue('x'.repeat(128))));
  });

  it('a comment of more than 256 characters', () => {
    const about = { by: 'test', comment: 'x'.repeat(257) };
    expect(() => store.change(zoneId, [create()], about)).toThrow(`at 'changeBatch.comment'`);
  });

  const alias = { hostedZoneId: 'Z1', dnsName: 'nas.lan.example', evaluateTargetHealth: false };
  const tell = `in Change with [Action=CREATE, Name=${challenge}, Type=TXT, SetIdentifier=`;
  const exactlyOne =
    'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
  const oneRouting =
    'Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer]';
  it.each([
    [create({ ttl: undefined }), `${exactlyOne}, but found none ${tell}null]`],
    [create({ values: undefined }), `${exactlyOne}, but found none ${tell}null]`],
    [create({ aliasTarget: alias }), `${exactlyOne}, but found more than one ${tell}null]`],
    [create({ multiValueAnswer: true }), `Invalid request: Missing field 'SetIdentifier' ${tell}null]`],
    [create({ multiValueAnswer: false }), `Invalid request: Missing field 'SetIdentifier' ${tell}null]`],
    [create({ setIdentifier: 'x' }), `${oneRouting}, but found none ${tell}x]`],
    [create(multivalue('x', { weight: 1 })), `${oneRouting}, but found more than one ${tell}x]`],
  ])('a change that is not exactly one thing: %j', (each, message) => {
    expect(() => send(each)).toThrow(new InvalidInput(message));
  });
});

describe('propagation', () => {
  const served = (): string => store.snapshot(zoneId, 'served');

  it('a change is PENDING until its time, then INSYNC', () => {
    const before = served();
    const id = send(create());
    expect(store.changeStatus(id)?.status).toBe('PENDING');
    clock += 299;
    expect(served()).toBe(before);
    clock += 1;
    expect(store.changeStatus(id)?.status).toBe('INSYNC');
    expect(served()).toBe(store.snapshot(zoneId));
  });

  it('no change overtakes another', () => {
    store.delayMs = 10_000;
    const slow = send(create());
    store.delayMs = 10;
    const fast = send(remove(), create({ values: ['"v"', '"w"'] }));
    clock += 9_999;
    expect([slow, fast].map((id) => store.changeStatus(id)?.status)).toEqual(['PENDING', 'PENDING']);
    clock += 1;
    expect([slow, fast].map((id) => store.changeStatus(id)?.status)).toEqual(['INSYNC', 'INSYNC']);
  });

  it('held back until it is let go', () => {
    store.delayMs = Infinity;
    const id = send(create());
    clock += 1e9;
    expect(store.changeStatus(id)?.status).toBe('PENDING');
    store.syncAll();
    expect(store.changeStatus(id)?.status).toBe('INSYNC');
    expect(served()).toContain(challenge);
  });

  it('the past can be looked at', () => {
    const before = served();
    const then = new Date(clock);
    send(create());
    clock += 10_000;
    expect(store.served(zoneId, then).size).toBe(
      before.split('\n').filter((line) => / (NS ns-2048|SOA)/.test(line)).length,
    );
    expect(store.served(zoneId).size).toBe(3);
  });

  it('a third party is served at once, unless something is still on its way', () => {
    store.edit(zoneId, [create({ name: 'printer.lan.example', type: 'A', values: ['192.0.2.9'] })]);
    expect(served()).toContain('printer.lan.example. 10 A 192.0.2.9');
    send(create());
    store.edit(zoneId, [create({ name: 'late.lan.example' })]);
    expect(served()).not.toContain('late');
    clock += 300;
    expect(served()).toContain('late');
  });

  it('an unknown change has no status', () => {
    expect(store.changeStatus('CNONE')).toBeUndefined();
  });
});

describe('watching', () => {
  it('tells listeners of every batch taken, and of no other', () => {
    const seen: string[] = [];
    const stop = store.onChange(({ by, comment }) => seen.push(`${by}: ${comment ?? ''}`));
    store.change(zoneId, [create()], { by: 'arn', comment: 'hello' });
    expect(() => send(create())).toThrow(BatchRefused);
    store.edit(zoneId, [remove()]);
    stop();
    send(create());
    expect(seen).toEqual(['arn: hello', 'third party: ']);
    expect(store.changes(zoneId).map(({ by }) => by)).toEqual(['arn', 'third party', 'test']);
  });

  it('says in which lines two zones differ', () => {
    const before = store.snapshot(zoneId);
    send(create({ values: ['"v"', '"w"'] }));
    const after = store.snapshot(zoneId);
    expect(diffSnapshots(before, after)).toEqual([
      '+ _acme-challenge.nas.lan.example. 10 TXT "v"',
      '+ _acme-challenge.nas.lan.example. 10 TXT "w"',
    ]);
    send(remove({ values: ['"v"', '"w"'] }), create({ values: ['"w"', '"v"'] }));
    expect(diffSnapshots(after, store.snapshot(zoneId))).toEqual(['~ the same values in another order']);
    expect(diffSnapshots(after, before)).toHaveLength(2);
  });

  it('tells sets with identifiers and aliases apart', () => {
    send(
      create(multivalue('one')),
      create({
        name: 'www.lan.example',
        type: 'A',
        ttl: undefined,
        values: undefined,
        aliasTarget: { hostedZoneId: zoneId, dnsName: 'NAS.lan.example', evaluateTargetHealth: false },
      }),
    );
    expect(store.snapshot(zoneId)).toContain(
      '_acme-challenge.nas.lan.example. 10 TXT {multivalue answer "one"} "v"\n',
    );
    expect(store.snapshot(zoneId)).toContain('www.lan.example. - A ALIAS nas.lan.example.\n');
  });
});

it('what is added by compare-and-swap and taken away again leaves the zone byte for byte as it was', () => {
  const values = fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,43}$/), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(values, fc.nat(), (all, cut) => {
      const quoted = all.map((value) => `"${value}"`);
      const theirs = quoted.slice(0, 1 + (cut % (quoted.length - 1)));
      store = new ZoneStore();
      zoneId = store.addZone({ name: 'lan.example', records: [set({ ttl: 60, values: theirs })] }).id;
      const before = store.snapshot(zoneId);
      send(remove({ ttl: 60, values: theirs }), create({ ttl: 60, values: quoted }));
      send(remove({ ttl: 60, values: quoted }), create({ ttl: 60, values: theirs }));
      expect(store.snapshot(zoneId)).toBe(before);
    }),
  );
});

it('zones are found by id, in the order in which they came', () => {
  store.addZone({ name: 'lan.example', isPrivate: true, id: 'ZPRIVATE' });
  expect(store.zones().map(({ id, isPrivate }) => [id, isPrivate])).toEqual([
    ['Z0123456789EXAMPLE', false],
    ['ZPRIVATE', true],
  ]);
  store.removeZone('ZPRIVATE');
  expect(store.zone('ZPRIVATE')).toBeUndefined();
});
