import { describe, expect, it } from 'vitest';
import type { BatchRefusal } from '../../src/core/batch-refusal.ts';
import { applyChanges } from '../../src/core/compare-and-swap.ts';
import { parseDnsName } from '../../src/core/names.ts';
import type { TxtRecordSet } from '../../src/core/record-set.ts';
import { judgeRefusal, planZoneChange } from '../../src/core/zone-change.ts';

const apex = parseDnsName('_acme-challenge.lan.example');
const host = parseDnsName('_acme-challenge.host.lan.example');
const records = [
  { name: apex, value: '"one"' },
  { name: host, value: '"two"' },
  { name: apex, value: '"three"' },
];
const foreign: TxtRecordSet = { name: apex, ttl: 300, values: ['"theirs"'] };

describe('the plan of a zone change', () => {
  it('starts with plain CREATEs, one a name, before anything has been read', () => {
    expect(planZoneChange([{ goal: 'present', records }], new Map())).toEqual([
      { action: 'CREATE', set: { name: apex, ttl: 10, values: ['"one"', '"three"'] } },
      { action: 'CREATE', set: { name: host, ttl: 10, values: ['"two"'] } },
    ]);
  });

  it('joins a set that turned out to be there, and still creates the others', () => {
    expect(planZoneChange([{ goal: 'present', records }], new Map([[apex, [foreign]]]))).toEqual([
      { action: 'DELETE', set: foreign },
      { action: 'CREATE', set: { name: apex, ttl: 300, values: ['"theirs"', '"one"', '"three"'] } },
      { action: 'CREATE', set: { name: host, ttl: 10, values: ['"two"'] } },
    ]);
  });

  it('sends a set again unchanged when our values are there but no change id is known', () => {
    const set: TxtRecordSet = { name: host, ttl: 10, values: ['"two"'] };
    expect(planZoneChange([{ goal: 'present', records: [records[1]!] }], new Map([[host, [set]]]))).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set },
    ]);
  });

  it('removes at first exactly what its own CREATE would have made', () => {
    const created = planZoneChange([{ goal: 'present', records }], new Map());
    expect(planZoneChange([{ goal: 'absent', records }], new Map())).toEqual(
      created.map(({ set }) => ({ action: 'DELETE', set })),
    );
  });

  it('takes only our values out of a set that others use', () => {
    const joined = planZoneChange([{ goal: 'present', records }], new Map([[apex, [foreign]]]));
    const known = new Map([[apex, applyChanges([foreign], joined.slice(0, 2))]]);
    const removal = planZoneChange([{ goal: 'absent', records: [records[0]!, records[2]!] }], known);
    expect(applyChanges(known.get(apex)!, removal)).toEqual([foreign]);
  });

  it('makes one set of what several orders want at one name', () => {
    const [one, , three] = records.map((record) => ({ goal: 'present' as const, records: [record] }));
    expect(planZoneChange([one!, three!], new Map())).toEqual([
      { action: 'CREATE', set: { name: apex, ttl: 10, values: ['"one"', '"three"'] } },
    ]);
  });

  it('swaps a set that changes hands, and keeps its TTL', () => {
    const set: TxtRecordSet = { name: apex, ttl: 300, values: ['"one"'] };
    const wishes = [
      { goal: 'absent' as const, records: [records[0]!] },
      { goal: 'present' as const, records: [records[2]!] },
    ];
    expect(planZoneChange(wishes, new Map([[apex, [set]]]))).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set: { ...set, values: ['"three"'] } },
    ]);
  });

  it('keeps a value that one order is done with and another needs', () => {
    const set: TxtRecordSet = { name: host, ttl: 10, values: ['"two"'] };
    const both = (['absent', 'present'] as const).map((goal) => ({ goal, records: [records[1]!] }));
    expect(planZoneChange(both, new Map([[host, [set]]]))).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set },
    ]);
  });

  it('is empty when nothing of ours is there to remove', () => {
    expect(
      planZoneChange(
        [{ goal: 'absent', records }],
        new Map([
          [apex, [foreign]],
          [host, []],
        ]),
      ),
    ).toEqual([]);
  });
});

describe('a refused batch', () => {
  const names = [apex, host];
  const exists: BatchRefusal = { kind: 'exists', name: host, message: 'it already exists' };

  it('means reading the names again that somebody else was at', () => {
    expect(judgeRefusal([exists], names)).toEqual({ kind: 'read-again', names: [host] });
  });

  it('means reading all names again when Route 53 does not say which', () => {
    const unnamed: BatchRefusal = { kind: 'values-differ', message: 'they do not match' };
    expect(judgeRefusal([unnamed], names)).toEqual({ kind: 'read-again', names });
  });

  it.each(['cname-in-the-way', 'outside-zone', 'too-large', 'malformed', 'other'] as const)(
    'is final when one of its reasons is: %s',
    (kind) => {
      const final: BatchRefusal = { kind, message: 'no' };
      expect(judgeRefusal([exists, final], names)).toEqual({ kind: 'final', refusals: [final] });
    },
  );

  it('is final when Route 53 gives no reason at all', () => {
    expect(judgeRefusal([], names)).toEqual({ kind: 'final', refusals: [] });
  });
});
