import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addValues, applyChanges, createSets, removeValues, touch } from '../../src/core/compare-and-swap.ts';
import type { ForeignRouting, TxtRecordSet } from '../../src/core/record-set.ts';
import { challengeText, nameOf, setsAt } from './dns-arbitraries.ts';

const name = nameOf('_acme-challenge.lan.example');
const other = nameOf('_acme-challenge.host.lan.example');
const simple = (values: readonly string[], ttl = 300): TxtRecordSet => ({ name, ttl, values });
const identified = (value: string, ttl = 60): TxtRecordSet => ({
  name,
  ttl,
  values: [value],
  setIdentifier: value,
});

describe('adding values', () => {
  it('makes a set where there is none', () => {
    expect(addValues([], name, ['"a"', '"b"'])).toEqual([
      { action: 'CREATE', set: { name, ttl: 10, values: ['"a"', '"b"'] } },
    ]);
  });

  it('replaces the set that is there, its TTL and the order of its values kept', () => {
    const set = simple(['"z"', '"y"']);
    expect(addValues([set], name, ['"a"'])).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set: { name, ttl: 300, values: ['"z"', '"y"', '"a"'] } },
    ]);
  });

  it('adds only what is missing, and once', () => {
    const set = simple(['"a"']);
    expect(addValues([set], name, ['"b"', '"a"', '"b"'])).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set: simple(['"a"', '"b"']) },
    ]);
  });

  it('is no change when all are there, in whichever sets', () => {
    expect(addValues([simple(['"b"', '"a"'])], name, ['"a"', '"b"'])).toEqual([]);
    expect(addValues([identified('"b"'), identified('"a"')], name, ['"a"', '"b"'])).toEqual([]);
  });

  it('stands beside sets with identifiers in their style, with their TTL', () => {
    expect(addValues([identified('"x"')], name, ['"a"', '"b"'])).toEqual([
      { action: 'DELETE', set: identified('"x"') },
      { action: 'CREATE', set: identified('"x"') },
      { action: 'CREATE', set: identified('"a"') },
      { action: 'CREATE', set: identified('"b"') },
    ]);
  });

  it('proves the TTL of the group by no set that only a name server showed', () => {
    const served: TxtRecordSet = { ...identified('"x"'), isServed: true };
    expect(addValues([served], name, ['"a"'])).toEqual([{ action: 'CREATE', set: identified('"a"') }]);
    expect(addValues([served, identified('"y"')], name, ['"a"'])).toEqual([
      { action: 'DELETE', set: identified('"y"') },
      { action: 'CREATE', set: identified('"y"') },
      { action: 'CREATE', set: identified('"a"') },
    ]);
  });

  it('leaves the sets of other names alone', () => {
    expect(addValues([{ name: other, ttl: 300, values: ['"a"'] }], name, ['"a"'])).toEqual([
      { action: 'CREATE', set: { name, ttl: 10, values: ['"a"'] } },
    ]);
  });
});

describe('what a value cannot join', () => {
  const many = Array.from({ length: 8 }, (_, index) => identified(`"${index}"`));

  it.each([1, 2, 5, 7])('more than eight multivalue sets: %i of them may be ours', (ours) => {
    const [values, others] = [many.slice(0, ours).flatMap((set) => set.values), many.slice(ours)];
    const created = addValues(others, name, values);
    expect(applyChanges(others, created)).toHaveLength(8);
    const refused = (): unknown => addValues([...others, identified('"one more"')], name, values);
    expect(refused).toThrow(
      `${name} has ${9 - ours} multivalue record sets already and needs ${ours} more, ` +
        'but a DNS answer carries 8 at most: the CA would miss some by chance',
    );
    expect(errorOf(refused)).toMatchObject({
      code: 'route53.too-many-sets',
      hint: expect.stringMatching(
        /^remove those that no client needs any more .*--challenge-alias$/,
      ) as string,
      details: [...others, identified('"one more"')].map(
        ({ setIdentifier }) => `multivalue set with SetIdentifier ${setIdentifier ?? ''}`,
      ),
    });
  });

  it('nothing is refused where our values are there already, however many others are', () => {
    expect(addValues([...many, identified('"more"')], name, ['"1"'])).toEqual([]);
    expect(removeValues([...many, identified('"more"')], name, ['"1"'])).toHaveLength(1);
  });

  it.each<[ForeignRouting, string]>([
    ['weighted', 'one of weighted routing, which shows each asker one set only, SetIdentifier x'],
    ['latency', 'one of latency routing, which shows each asker one set only, SetIdentifier x'],
    ['failover', 'one of failover routing, which shows each asker one set only, SetIdentifier x'],
    ['geolocation', 'one of geolocation routing, which shows each asker one set only, SetIdentifier x'],
    ['geoproximity', 'one of geoproximity routing, which shows each asker one set only, SetIdentifier x'],
    ['CIDR', 'one of CIDR routing, which shows each asker one set only, SetIdentifier x'],
    ['alias', 'a Route 53 alias, which holds no values, SetIdentifier x'],
    ['traffic policy', 'one that a traffic policy has made, SetIdentifier x'],
    ['health-checked', 'one with a health check, which could not be put back, SetIdentifier x'],
    ['unknown', 'one of a routing that lanacme does not know, SetIdentifier x'],
  ])('a %s set', (routing, words) => {
    const sets: readonly TxtRecordSet[] = [{ ...identified('"a"'), setIdentifier: 'x', routing }];
    for (const refused of [
      () => addValues(sets, name, ['"b"']),
      () => addValues(sets, name, ['"a"']),
      () => touch(sets, name, ['"a"']),
      () => removeValues(sets, name, ['"a"']),
    ]) {
      expect(errorOf(refused)).toMatchObject({
        code: 'route53.other-routing',
        message: `${name} has a TXT record set that no challenge value can join: ${words}`,
        hint: expect.stringMatching(/^remove it, or give the challenge a name of its own/) as string,
      });
    }
    expect(removeValues(sets, name, ['"b"'])).toEqual([]);
    expect(addValues(sets, name, [])).toEqual([]);
    expect(addValues(sets, other, ['"b"'])).toHaveLength(1);
  });
});

describe('what a name server shows', () => {
  it('is replaced by itself when a value shall go that it does not show: so a server that is behind is found out', () => {
    const set = simple(['"z"']);
    const served: TxtRecordSet = { ...set, isServed: true };
    expect(removeValues([served], name, ['"a"'])).toEqual([
      { action: 'DELETE', set: served },
      { action: 'CREATE', set },
    ]);
  });

  it('is not doubted where the others have sets of their own', () => {
    expect(removeValues([{ ...identified('"x"'), isServed: true }], name, ['"a"'])).toEqual([]);
  });
});

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('plain CREATEs', () => {
  it('are one a name, with all of its values', () => {
    const records = [
      { name, value: '"a"' },
      { name: other, value: '"c"' },
      { name, value: '"b"' },
      { name, value: '"a"' },
    ];
    expect(createSets(records)).toEqual([
      { action: 'CREATE', set: { name, ttl: 10, values: ['"a"', '"b"'] } },
      { action: 'CREATE', set: { name: other, ttl: 10, values: ['"c"'] } },
    ]);
  });
});

describe('removing values', () => {
  it('keeps the others, their TTL and their order', () => {
    const set = simple(['"z"', '"a"', '"y"']);
    expect(removeValues([set], name, ['"a"', '"never was there"'])).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set: simple(['"z"', '"y"']) },
    ]);
  });

  it('ends a set that would be empty', () => {
    expect(removeValues([simple(['"a"', '"b"'])], name, ['"b"', '"a"'])).toEqual([
      { action: 'DELETE', set: simple(['"a"', '"b"']) },
    ]);
  });

  it('takes values out of whichever sets hold them', () => {
    expect(removeValues([identified('"x"'), identified('"a"')], name, ['"a"'])).toEqual([
      { action: 'DELETE', set: identified('"a"') },
    ]);
  });

  it('is no change when none is there', () => {
    expect(removeValues([simple(['"z"'])], name, ['"a"'])).toEqual([]);
    expect(removeValues([], name, ['"a"'])).toEqual([]);
  });

  it('leaves the sets of other names alone', () => {
    expect(removeValues([{ name: other, ttl: 300, values: ['"a"'] }], name, ['"a"'])).toEqual([]);
  });
});

describe('touching', () => {
  it('replaces the sets that hold a value by themselves', () => {
    const set = simple(['"z"', '"a"']);
    expect(touch([set], name, ['"a"'])).toEqual([
      { action: 'DELETE', set },
      { action: 'CREATE', set },
    ]);
    expect(touch([identified('"x"'), identified('"a"')], name, ['"a"'])).toEqual([
      { action: 'DELETE', set: identified('"a"') },
      { action: 'CREATE', set: identified('"a"') },
    ]);
  });

  it('is nothing where no value is', () => {
    expect(touch([simple(['"z"'])], name, ['"a"'])).toEqual([]);
  });
});

describe('the laws of compare-and-swap', () => {
  const ours = fc.uniqueArray(fc.nat(4).map(challengeText), { minLength: 1 });
  /** Sets are told apart by identifier; the order in which Route 53 lists them means nothing. */
  const sorted = (sets: readonly TxtRecordSet[]): readonly TxtRecordSet[] =>
    sets.toSorted((a, b) => ((a.setIdentifier ?? '') < (b.setIdentifier ?? '') ? -1 : 1));
  const law = (check: (sets: readonly TxtRecordSet[], values: readonly string[]) => void): void => {
    fc.assert(fc.property(setsAt(name), ours, check), { numRuns: 500 });
  };
  const valuesOf = (sets: readonly TxtRecordSet[]): readonly string[] => sets.flatMap((set) => set.values);

  it('what is added and then removed leaves the sets as they were', () => {
    law((sets, values) => {
      const added = applyChanges(sets, addValues(sets, name, values));
      expect(sorted(applyChanges(added, removeValues(added, name, values)))).toEqual(sorted(sets));
    });
  });

  it('after adding, everything is there, once, and what was there before is where it was', () => {
    law((sets, values) => {
      const added = applyChanges(sets, addValues(sets, name, values));
      expect(new Set(valuesOf(added))).toEqual(new Set([...valuesOf(sets), ...values]));
      expect(valuesOf(added)).toHaveLength(new Set(valuesOf(added)).size);
      for (const set of sets) {
        const now = added.find((one) => one.setIdentifier === set.setIdentifier);
        expect(now?.ttl).toBe(set.ttl);
        expect(now?.values.slice(0, set.values.length)).toEqual(set.values);
      }
    });
  });

  it('after removing, exactly the others are there, in their order and with their TTL', () => {
    law((sets, foreign) => {
      const values = [...foreign, ...valuesOf(sets).filter((_, index) => index % 2 === 0)];
      const removed = applyChanges(sets, removeValues(sets, name, values));
      for (const set of sets) {
        const rest = set.values.filter((value) => !values.includes(value));
        const now = removed.find((one) => one.setIdentifier === set.setIdentifier);
        expect(now).toEqual(rest.length === 0 ? undefined : { ...set, values: rest });
      }
      expect(removed.length).toBeLessThanOrEqual(sets.length);
    });
  });

  it('adding or removing again is no change', () => {
    law((sets, values) => {
      const added = applyChanges(sets, addValues(sets, name, values));
      expect(addValues(added, name, values)).toEqual([]);
      const removed = applyChanges(sets, removeValues(sets, name, values));
      expect(removeValues(removed, name, values)).toEqual([]);
    });
  });

  it('touching changes nothing', () => {
    law((sets, values) => {
      const added = applyChanges(sets, addValues(sets, name, values));
      expect(sorted(applyChanges(added, touch(added, name, values)))).toEqual(sorted(added));
    });
  });

  it('plain CREATEs are what adding to nothing is', () => {
    law((_, values) => {
      expect(createSets(values.map((value) => ({ name, value })))).toEqual(addValues([], name, values));
    });
  });

  it('nothing that was given is altered', () => {
    law((sets, values) => {
      const before = structuredClone(sets);
      addValues(sets, name, values);
      removeValues(sets, name, values);
      expect(sets).toEqual(before);
    });
  });
});

describe('applying changes', () => {
  it('tells sets apart by name and identifier', () => {
    const sets: readonly TxtRecordSet[] = [simple(['"a"']), { ...simple(['"b"']), name: other }];
    expect(applyChanges(sets, [{ action: 'DELETE', set: simple(['"a"']) }])).toEqual([sets[1]]);
    expect(applyChanges([identified('"a"')], [{ action: 'CREATE', set: identified('"b"') }])).toEqual([
      identified('"a"'),
      identified('"b"'),
    ]);
  });
});
