import { describe, expect, it } from 'vitest';
import type { BatchRefusal } from '../../src/core/batch-refusal.ts';
import type { TxtRecordSet } from '../../src/core/record-set.ts';
import { conjecture, lastConjecture, type Refuted, type Served } from '../../src/core/unlisted-sets.ts';
import { challengeText, nameOf } from './dns-arbitraries.ts';

const name = nameOf('_acme-challenge.lan.example');
const [ours, also] = [challengeText('ours'), challengeText('also ours')];
const theirs = '"theirs" "in two strings"';

const simple = (values: readonly string[], ttl = 300): TxtRecordSet => ({ name, ttl, values });
const own = (value: string, ttl = 60): TxtRecordSet => ({ name, ttl, values: [value], setIdentifier: value });
const heard = (set: TxtRecordSet): TxtRecordSet => ({ ...set, isServed: true });
const served = (values: readonly string[], ttl = 300): Served => ({ values, ttl });
const refusal = (kind: BatchRefusal['kind'], setIdentifier?: string): BatchRefusal => ({
  kind,
  message: kind,
  name,
  ...(setIdentifier === undefined ? {} : { setIdentifier }),
});
const adding = { add: [ours], remove: [] };
const removing = { add: [], remove: [ours] };
const refuted = (
  wanted: Refuted['wanted'],
  assumed: Refuted['assumed'],
  ...refusals: readonly BatchRefusal[]
): Refuted => ({ name, assumed, wanted, refusals });

interface Row {
  readonly title: string;
  readonly refuted: Refuted;
  readonly served?: Served;
  /** Absent: it cannot be told yet. */
  readonly sets?: readonly TxtRecordSet[];
}

const simpleRows: readonly Row[] = [
  { title: 'a set exists, and nobody was asked', refuted: refuted(adding, undefined, refusal('exists')) },
  {
    title: 'a set exists: it is the one that is served',
    refuted: refuted(adding, undefined, refusal('exists')),
    served: served([theirs]),
    sets: [heard(simple([theirs]))],
  },
  {
    title: 'the set is another than the one that is served: the server is behind',
    refuted: refuted(adding, [heard(simple([theirs, '"x"']))], refusal('values-differ')),
    served: served(['"x"', theirs]),
  },
  {
    title: 'the set has another TTL than we thought',
    refuted: refuted(removing, undefined, refusal('values-differ')),
    served: served([ours], 301),
    sets: [heard(simple([ours], 301))],
  },
  {
    title: 'the set to add to has gone: nothing is there',
    refuted: refuted(adding, [heard(simple([theirs]))], refusal('not-found')),
    sets: [],
  },
  {
    title: 'the set to take from has gone: ours may stand in a set of its own',
    refuted: refuted(removing, undefined, refusal('not-found')),
    sets: [own(ours, 10)],
  },
];

const multivalueRows: readonly Row[] = [
  {
    title: 'the style is another, and nobody tells the TTL of the group',
    refuted: refuted(adding, undefined, refusal('other-style')),
  },
  {
    title: 'the style is another: the others have sets of their own',
    refuted: refuted(adding, undefined, refusal('other-style')),
    served: served([theirs, '"more"'], 60),
    sets: [heard(own(theirs)), heard(own('"more"'))],
  },
  {
    title: 'the style is another, and ours is there already',
    refuted: refuted(adding, undefined, refusal('other-style')),
    served: served([theirs, ours], 60),
    sets: [own(ours), heard(own(theirs))],
  },
  {
    title: 'our own set is there although no server shows it: its answer was lost',
    refuted: refuted(adding, [heard(own(theirs))], refusal('exists', ours)),
    served: served([theirs], 60),
    sets: [own(ours), heard(own(theirs))],
  },
  {
    title: 'our own set is not there although a server shows it',
    refuted: refuted(adding, [own(ours), heard(own(theirs))], refusal('not-found', ours)),
    served: served([theirs, ours], 60),
    sets: [heard(own(theirs))],
  },
  {
    title: 'of two sets of ours one is gone',
    refuted: refuted({ add: [], remove: [ours, also] }, [own(ours), own(also)], refusal('not-found', ours)),
    sets: [own(also)],
  },
  {
    title: 'the only one is gone: nothing of ours is left',
    refuted: refuted(removing, [own(ours, 10)], refusal('not-found', ours)),
    sets: [],
  },
  {
    title: 'our own set has another TTL, and nobody tells which',
    refuted: refuted(removing, [own(ours, 10)], refusal('values-differ', ours)),
  },
  {
    title: 'our own set has another TTL than the one that is served',
    refuted: refuted(removing, [own(ours, 60)], refusal('values-differ', ours)),
    served: served([ours], 60),
  },
  {
    title: 'our own set has another TTL: the one that is served',
    refuted: refuted(removing, [own(ours, 10)], refusal('values-differ', ours)),
    served: served([theirs], 60),
    sets: [own(ours), heard(own(theirs))],
  },
];

describe('what stands at a name that may not be listed', () => {
  it.each([...simpleRows, ...multivalueRows])('$title', (row) => {
    expect(conjecture(row.refuted, row.served)).toEqual(row.sets);
  });

  it('both styles are refused: a plain CREATE shall tell, and if that is refused too it is neither', () => {
    const [first, again] = [undefined, [heard(own(theirs))]].map((assumed) =>
      conjecture(refuted(adding, assumed, refusal('other-style')), served([theirs], 60)),
    );
    expect(first).toEqual(again === undefined ? undefined : [heard(own(theirs))]);
    expect(again).toEqual([]);
    expect(conjecture(refuted(adding, again, refusal('other-style')))).toEqual([
      { name, ttl: 0, values: [], routing: 'unknown' },
    ]);
    expect(conjecture(refuted(adding, again, refusal('exists')), served([theirs]))).toEqual([
      heard(simple([theirs])),
    ]);
    expect(conjecture(refuted(adding, [], refusal('other-style')), served([theirs], 60))).toEqual([
      heard(own(theirs)),
    ]);
  });

  it('once waiting is over it is what is served, right or wrong', () => {
    const exists = refuted(adding, undefined, refusal('exists'));
    expect(lastConjecture(exists, undefined)).toEqual([]);
    expect(lastConjecture(exists, served([theirs]))).toEqual([heard(simple([theirs]))]);
    const differs = refuted(removing, [own(ours, 10)], refusal('values-differ', ours));
    expect(lastConjecture(differs, served([ours], 10))).toEqual([own(ours, 10)]);
  });
});
