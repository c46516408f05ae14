import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planChallenges } from '../../src/core/challenge-plan.ts';
import { addValues, applyChanges, createSets, removeValues, touch } from '../../src/core/compare-and-swap.ts';
import { type GuardedBatch, guard, isGuarded, type WriteRights } from '../../src/core/guard.ts';
import { displayName, parseDomain } from '../../src/core/names.ts';
import type { Change, TxtRecordSet } from '../../src/core/record-set.ts';
import type { LanacmeError } from '../../src/errors.ts';
import { basesIn, challengeText, foreignTexts, ldhLabel, nameOf, setsAt, zones } from './dns-arbitraries.ts';
import { keepsPromise } from './promise-model.ts';

const zone = nameOf('lan.example');
const name = nameOf('_acme-challenge.host.lan.example');
const ours = challengeText('ours');
const ours2 = challengeText('ours too');
const foreign = '"somebody else\'s"';

const rights: WriteRights = {
  zone,
  zoneId: 'Z0123456789EXAMPLE',
  aliases: [],
  journalled: [
    { name, value: ours },
    { name, value: ours2 },
  ],
};

const setOf = (values: readonly string[], more: Partial<TxtRecordSet> = {}): TxtRecordSet => ({
  name,
  ttl: 10,
  values,
  ...more,
});
const create = (values: readonly string[], more: Partial<TxtRecordSet> = {}): Change => ({
  action: 'CREATE',
  set: setOf(values, more),
});
const remove = (values: readonly string[], more: Partial<TxtRecordSet> = {}): Change => ({
  action: 'DELETE',
  set: setOf(values, more),
});

/** What the guard says against it; nothing if it passes. */
function refusal(changes: unknown, more: Partial<WriteRights> = {}): string | undefined {
  try {
    guard(changes as readonly Change[], { ...rights, ...more }, 'lanacme host.lan.example');
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({
      code: 'guard.refused',
      outcome: 'failed',
      hint: 'nothing was sent: please report this as a bug in lanacme, unless somebody edited its journal',
    });
    return (error as LanacmeError).message;
  }
}

const at = (where: string): string => `refused to send a change batch to zone lan.example at ${where}: `;
const nowhere = 'refused to send a change batch to zone lan.example: ';

describe('what the guard lets pass', () => {
  const passing: readonly (readonly [string, readonly Change[]])[] = [
    ['a new set of ours', [create([ours])]],
    ['the end of a set that holds nothing but ours', [remove([ours, ours2])]],
    ['ours beside those of others', [remove([foreign]), create([foreign, ours])]],
    ['ours taken away from those of others', [remove([foreign, ours]), create([foreign])]],
    ['ours replaced by ours', [remove([ours]), create([ours2])]],
    ['a set replaced by itself, although nothing in it is ours', [remove([foreign]), create([foreign])]],
    ['a set of ours with an identifier', [create([ours], { setIdentifier: ours })]],
    ['the end of a set of ours with an identifier', [remove([ours], { setIdentifier: ours })]],
    [
      'one set with an identifier ended, another made',
      [remove([ours], { setIdentifier: '"a"' }), create([ours], { setIdentifier: '"b"' })],
    ],
    ['a TTL of 0', [create([ours], { ttl: 0 })]],
    ['a longest TTL', [create([ours], { ttl: 0x7fffffff })]],
  ];

  it.each(passing)('%s', (_, changes) => {
    expect(refusal(changes)).toBeUndefined();
    expect(keepsPromise(changes, rights)).toBe(true);
    const batch = guard(changes, rights, 'why');
    expect(batch).toMatchObject({ zoneId: rights.zoneId, comment: 'why', changes });
  });

  it('sets of several names in one batch', () => {
    const apex = nameOf('_acme-challenge.lan.example');
    const journalled = [...rights.journalled, { name: apex, value: ours }];
    expect(refusal([create([ours], { name: apex }), create([ours])], { journalled })).toBeUndefined();
  });

  it('a name in a listed subtree', () => {
    const alias = nameOf('host.attic.acme.lan.example');
    const journalled = [{ name: alias, value: ours }];
    const aliases = ['*.acme.lan.example'];
    expect(refusal([create([ours], { name: alias })], { journalled, aliases })).toBeUndefined();
  });

  it('a listed alias', () => {
    const alias = nameOf('host.acme.lan.example');
    const journalled = [{ name: alias, value: ours }];
    expect(refusal([create([ours], { name: alias })], { journalled, aliases: [alias] })).toBeUndefined();
  });
});

describe('a place outside the promise', () => {
  const attempt = (place: string, more: Partial<WriteRights> = {}): string | undefined =>
    refusal([create([ours], { name: nameOf(place) })], {
      journalled: [{ name: nameOf(place), value: ours }],
      ...more,
    });

  it.each([
    '_acme-challenge.lan.example.evil.example',
    '_acme-challengex.lan.example',
    'x_acme-challenge.lan.example',
    'x._acme-challenge.lan.example',
    '_acme-challenge.xlan.example',
    '_acme-challenge.host.xlan.example',
    '_acme-challenge.evil.example',
    '_acme-challenge.example',
    '_acme-challenge',
    'lan.example',
    'host.lan.example',
    '_validation-persist.lan.example',
    '_validation-persist.host.lan.example',
    '_acme-challenge._validation-persist.lan.example',
    '_dmarc.lan.example',
  ])('is refused: %s', (place) => {
    expect(attempt(place)).toBe(
      `${at(place)}it is neither a challenge name of the zone nor an alias below it`,
    );
  });

  it.each([
    '*.lan.example',
    '_acme-challenge.*.lan.example',
    '\\052.lan.example',
    '\\137acme-challenge.lan.example',
    '_acme-challenge\\056lan.example',
    '_acme-challenge.evil\\056lan.example',
    '_acme-challenge.a\\.lan.example',
    '_Acme-Challenge.host.lan.example',
    '_acme-challenge.host.LAN.example',
    '_acme-challenge.host.lan.example.',
    '_acme-challenge..lan.example',
    '._acme-challenge.lan.example',
    '_acme-challenge.lan.example\0.evil.example',
    '_acme-challenge.lan.example\n',
    ' _acme-challenge.lan.example',
    '_acme-challenge.lan。example',
    '_acme-challenge.bücher.lan.example',
    '_acme-challenge.\u212a.lan.example',
    `_acme-challenge.${'a'.repeat(64)}.lan.example`,
    `_acme-challenge.${'a.'.repeat(120)}lan.example`,
    '',
    '.',
  ])('is refused for its form, however alike: %j', (place) => {
    expect(attempt(place)).toBe(`${nowhere}a name is not in normal form`);
  });

  it.each([
    ['an alias outside the zone', 'acme.evil.example', ['acme.evil.example']],
    ['an alias that is the apex', 'lan.example', ['lan.example']],
    [
      'an alias for a standing right to issue',
      '_validation-persist.lan.example',
      ['_validation-persist.lan.example'],
    ],
    [
      'what a wildcard over the whole zone would match',
      'acme.lan.example',
      ['*.lan.example', '*', '*.', '*.example', '\\052.lan.example'],
    ],
    ['the root of a listed subtree', 'acme.lan.example', ['*.acme.lan.example']],
    ['what only ends like a listed subtree', 'x.pacme.lan.example', ['*.acme.lan.example']],
    ['a subtree outside the zone', 'x.acme.evil.example', ['*.acme.evil.example']],
    [
      'a standing right to issue in a listed subtree',
      '_validation-persist.x.acme.lan.example',
      ['*.acme.lan.example'],
    ],
    ['an alias in another spelling', 'acme.lan.example', ['ACME.lan.example', 'acme.lan.example.']],
    ['what is below an alias', 'x.acme.lan.example', ['acme.lan.example']],
    ['what is above an alias', 'acme.lan.example', ['x.acme.lan.example']],
  ])('is refused: %s', (_, place, aliases) => {
    expect(attempt(place, { aliases })).toBe(
      `${at(place)}it is neither a challenge name of the zone nor an alias below it`,
    );
  });

  it('is refused even if everything else in the batch is good', () => {
    expect(refusal([create([ours]), create([ours], { name: nameOf('lan.example') })])).toContain(
      'at lan.example',
    );
  });
});

describe('a loss or gain outside the promise', () => {
  const rows: readonly (readonly [string, readonly Change[], string])[] = [
    ['deletes a foreign value', [remove([foreign])], `it would lose ${foreign}, which is not in our journal`],
    [
      'deletes a foreign value beside ours',
      [remove([ours, foreign])],
      `it would lose ${foreign}, which is not in our journal`,
    ],
    [
      'drops a foreign value in the CREATE',
      [remove([foreign, ours]), create([ours])],
      `it would lose ${foreign}, which is not in our journal`,
    ],
    [
      'spells a foreign value otherwise',
      [remove(['"a"']), create(['"\\141"'])],
      'it would lose "a", which is not in our journal',
    ],
    [
      'moves a set to an identifier',
      [remove([foreign]), create([foreign], { setIdentifier: 'x' })],
      `it would lose ${foreign}, which is not in our journal`,
    ],
    [
      'moves a set to another identifier',
      [remove([foreign], { setIdentifier: 'x' }), create([foreign], { setIdentifier: 'y' })],
      `it would lose ${foreign}, which is not in our journal`,
    ],
    [
      'changes the TTL',
      [remove([foreign]), create([foreign, ours], { ttl: 60 })],
      'its TTL would change from 10 to 60',
    ],
    [
      'changes the TTL of ours',
      [remove([ours]), create([ours2], { ttl: 60 })],
      'its TTL would change from 10 to 60',
    ],
    [
      'creates a value that is not journalled',
      [create([foreign])],
      `it would gain ${foreign}, which is not in our journal`,
    ],
    [
      'creates one beside ours',
      [create([ours, challengeText('not ours')])],
      `it would gain ${challengeText('not ours')}, which is not in our journal`,
    ],
    [
      'adds a value that is not journalled',
      [remove([foreign]), create([foreign, challengeText('not ours')])],
      `it would gain ${challengeText('not ours')}, which is not in our journal`,
    ],
    [
      'creates a set twice',
      [create([ours]), create([ours2])],
      'its changes contradict each other: CREATE, CREATE',
    ],
    [
      'deletes a set twice',
      [remove([ours]), remove([ours])],
      'its changes contradict each other: DELETE, DELETE',
    ],
    [
      'creates before it deletes',
      [create([ours]), remove([ours])],
      'its changes contradict each other: CREATE, DELETE',
    ],
    [
      'goes on after replacing',
      [remove([ours]), create([ours]), remove([ours])],
      'its changes contradict each other: DELETE, CREATE, DELETE',
    ],
    [
      'creates two after deleting one',
      [remove([foreign]), create([foreign]), create([ours])],
      'its changes contradict each other: DELETE, CREATE, CREATE',
    ],
    ['has a value twice', [create([ours, ours])], 'it has a value twice'],
    ['has no value', [create([])], 'it has no value'],
    ['empties a set by a CREATE of nothing', [remove([ours]), create([])], 'it has no value'],
  ];

  it.each(rows)('is refused: it %s', (_, changes, why) => {
    expect(refusal(changes)).toBe(`${at(name)}${why}`);
    expect(keepsPromise(changes, rights)).toBe(false);
  });

  it('is refused: it deletes what is journalled at another name', () => {
    const elsewhere = nameOf('_acme-challenge.other.lan.example');
    expect(refusal([remove([ours], { name: elsewhere })])).toBe(
      `${at(elsewhere)}it would lose ${ours}, which is not in our journal`,
    );
    expect(refusal([create([ours], { name: elsewhere })])).toBe(
      `${at(elsewhere)}it would gain ${ours}, which is not in our journal`,
    );
  });

  it.each([
    ['free text', '"hello"'],
    ['a standing right to issue', '"letsencrypt.org; accounturi=https://ca.example/1; policy=wildcard"'],
    ['two strings', `${ours} ${ours2}`],
    ['text without quotation marks', ours.slice(1, -1)],
  ])('is refused: it gains %s, journalled or not', (_, value) => {
    const journalled = [{ name, value }];
    expect(refusal([create([value])], { journalled })).toBe(
      `${at(name)}it would gain ${value}, which is not the value of a challenge`,
    );
    expect(refusal([remove([value])], { journalled })).toBeUndefined();
  });

  it('is told without letting foreign text write to the terminal', () => {
    expect(refusal([remove(['"\u001b[2J"'])])).toContain('it would lose "\\x1b[2J", which');
  });
});

describe('what is not even a change', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['an empty batch', [], 'it is empty'],
    ['no list', { 0: create([ours]), length: 1 }, 'a list is not a list'],
    ['nothing', [undefined], 'a change is not an object'],
    ['a hole', Array.from({ length: 1 }), 'a change is not an object'],
    ['a text', ['CREATE'], 'a change is not an object'],
    ['no set', [{ action: 'CREATE' }], 'a change is not an object'],
    [
      'a type of record',
      [{ action: 'CREATE', set: { ...setOf([ours]), type: 'A' } }],
      'a change has the member "type", which no TXT change has',
    ],
    [
      'an alias target',
      [{ ...create([ours]), aliasTarget: 'x' }],
      'a change has the member "aliasTarget", which no TXT change has',
    ],
    [
      'a routing',
      [{ action: 'CREATE', set: { ...setOf([ours]), routing: 'weighted' } }],
      'a change has the member "routing", which no TXT change has',
    ],
    [
      'a hidden member',
      [Object.defineProperty(create([ours]), 'weight', { value: 1, enumerable: false })],
      'a change has the member "weight", which no TXT change has',
    ],
    [
      'a member under a symbol',
      [{ ...create([ours]), [Symbol('x')]: 1 }],
      'a change has the member "Symbol(x)", which no TXT change has',
    ],
    [
      'a name that is an object',
      [create([ours], { name: new String(name) as never })],
      'a name is not in normal form',
    ],
  ];

  it.each(rows)('is refused: %s', (_, changes, why) => {
    expect(refusal(changes)).toBe(`${nowhere}${why}`);
  });

  const inSet: readonly (readonly [string, unknown, string])[] = [
    ['UPSERT', { action: 'UPSERT', set: setOf([ours]) }, 'only CREATE and DELETE exist'],
    ['an action in lower case', { action: 'create', set: setOf([ours]) }, 'only CREATE and DELETE exist'],
    ['no action', { set: setOf([ours]) }, 'only CREATE and DELETE exist'],
    ['a negative TTL', create([ours], { ttl: -1 }), 'its TTL is not a whole number of seconds'],
    ['half a second', create([ours], { ttl: 0.5 }), 'its TTL is not a whole number of seconds'],
    ['no number', create([ours], { ttl: Number.NaN }), 'its TTL is not a whole number of seconds'],
    ['a TTL beyond DNS', create([ours], { ttl: 2 ** 31 }), 'its TTL is not a whole number of seconds'],
    ['a TTL as text', create([ours], { ttl: '10' as never }), 'its TTL is not a whole number of seconds'],
    ['no values', create(undefined as never), 'a list is not a list'],
    ['one value without a list', create(ours as never), 'a list is not a list'],
    ['an empty value', create(['']), 'a value is not a text'],
    ['a value that is an object', create([new String(ours) as never]), 'a value is not a text'],
    ['an empty set identifier', create([ours], { setIdentifier: '' }), 'its set identifier is not a text'],
    [
      'a set identifier that is none',
      create([ours], { setIdentifier: 1 as never }),
      'its set identifier is not a text',
    ],
  ];

  it.each(inSet)('is refused: %s', (_, change, why) => {
    const message = refusal([change]);
    expect(message?.slice(message.lastIndexOf(': ') + 2)).toBe(why);
  });

  it.each([
    ['a zone in upper case', { zone: nameOf('LAN.example') }, 'the zone is not a name in normal form'],
    ['no zone', { zone: nameOf('') }, 'the zone is not a name in normal form'],
    ['a prefixed hosted-zone id', { zoneId: '/hostedzone/Z1' }, 'the hosted-zone id is not a bare one'],
    ['a hosted-zone id that leads elsewhere', { zoneId: 'Z1/../Z2' }, 'the hosted-zone id is not a bare one'],
    ['no hosted-zone id', { zoneId: '' }, 'the hosted-zone id is not a bare one'],
    ['no list of aliases', { aliases: '_acme-challenge.lan.example' as never }, 'a list is not a list'],
  ])('is refused: rights with %s', (_, more, why) => {
    const message = refusal([create([ours])], more);
    expect(message?.slice(message.lastIndexOf(': ') + 2)).toBe(why);
  });

  it('is refused: a comment that is no text', () => {
    expect(() => guard([create([ours])], rights, undefined as never)).toThrow('its comment is not a text');
  });
});

describe('what is sent', () => {
  it('is what was judged, however often the given objects change their mind', () => {
    const evil = nameOf('lan.example');
    /** Right at the first look, wrong at every later one. */
    const turning = <T>(first: T, later: T): { readonly get: () => T; readonly enumerable: true } => {
      let looks = 0;
      return { enumerable: true, get: () => (looks++ === 0 ? first : later) };
    };
    const values = [ours];
    Object.defineProperty(values, 0, turning(ours, '"evil"'));
    const set = Object.defineProperties({} as TxtRecordSet, {
      name: turning(name, evil),
      ttl: turning(10, 0),
      values: turning<readonly string[]>(values, ['"evil"']),
    });
    const change = Object.defineProperties({} as Change, {
      action: turning('CREATE', 'UPSERT'),
      set: turning(set, setOf(['"evil"'], { name: evil })),
    });
    const changes = Object.defineProperty([create([ours])], 0, turning(change, create(['"evil"'])));
    const turningRights = Object.defineProperties({} as WriteRights, {
      zone: turning(zone, nameOf('evil.example')),
      zoneId: turning('Z1', 'ZEVIL'),
      aliases: turning<readonly string[]>([], [evil]),
      journalled: turning(rights.journalled, [{ name: evil, value: '"evil"' }]),
    });
    const batch = guard(changes, turningRights, 'why');
    expect(batch.zoneId).toBe('Z1');
    expect(batch.changes).toEqual([create([ours])]);
  });

  it('is refused when the given object is wrong at the first look', () => {
    let looks = 0;
    const set = Object.defineProperty({ ...setOf([ours]) }, 'name', {
      get: () => (looks++ === 0 ? 'lan.example' : name),
    });
    expect(refusal([{ action: 'CREATE', set }])).toContain('at lan.example');
  });

  it('does not follow what is done to the given objects afterwards', () => {
    const values = [ours];
    const change = { action: 'CREATE' as const, set: { name, ttl: 10, values } };
    const changes: Change[] = [change];
    const batch = guard(changes, rights, 'why');
    values.push('"evil"');
    change.set.name = nameOf('lan.example');
    changes.push(create(['"evil"']));
    expect(batch.changes).toEqual([create([ours])]);
  });

  it('does not say where a set was read', () => {
    const set = { ...setOf([ours]), isServed: true as const };
    expect(guard([{ action: 'CREATE', set }], rights, 'why').changes[0]?.set).not.toHaveProperty('isServed');
  });

  it('is frozen all the way down', () => {
    const batch = guard([create([ours])], rights, 'why');
    const [change] = batch.changes;
    expect([batch, batch.changes, change, change?.set, change?.set.values].every(Object.isFrozen)).toBe(true);
    expect(() => {
      (batch as { zoneId: string }).zoneId = 'ZEVIL';
    }).toThrow(TypeError);
  });

  it('does not hear what somebody put on Object.prototype', () => {
    const inherited = {
      setIdentifier: 'evil',
      action: 'DELETE',
      before: setOf([foreign]),
      after: setOf([foreign]),
    };
    try {
      for (const [key, value] of Object.entries(inherited)) {
        Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
      }
      const [change] = guard([create([ours])], rights, 'why').changes;
      expect(change?.set.setIdentifier).toBeUndefined();
      expect(change?.action).toBe('CREATE');
      expect(refusal([{ set: setOf([ours]) }])).toContain('only CREATE and DELETE exist');
    } finally {
      for (const key of Object.keys(inherited)) Reflect.deleteProperty(Object.prototype, key);
    }
  });

  it('takes no member from a prototype', () => {
    expect(refusal([Object.create(create([ours]))])).toContain('a change is not an object');
    expect(refusal([{ action: 'CREATE', set: Object.create(setOf([ours])) as unknown }])).toContain(
      'a name is not in normal form',
    );
  });

  it('has a comment of at most 256 characters', () => {
    expect(guard([create([ours])], rights, 'x'.repeat(300)).comment).toBe('x'.repeat(256));
  });

  it('is known as made by the guard; what only looks alike is not', () => {
    const batch = guard([create([ours])], rights, 'why');
    expect(isGuarded(batch)).toBe(true);
    expect(isGuarded(Object.assign({}, batch))).toBe(false);
    expect(isGuarded(structuredClone(batch))).toBe(false);
    expect(isGuarded(Object.create(batch) as object)).toBe(false);
  });

  it('has a type that nothing else has', () => {
    const batch = guard([create([ours])], rights, 'why');
    /* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment, @typescript-eslint/no-misused-spread --
       what the linter warns of is what the compiler has to refuse */
    // @ts-expect-error a literal is no guarded batch
    const literal: GuardedBatch = { zoneId: 'Z1', comment: '', changes: [] };
    // @ts-expect-error a copy is no guarded batch
    const copy: GuardedBatch = { ...batch, changes: [create(['"evil"'])] };
    /* eslint-enable */
    expect([literal, copy].some(isGuarded)).toBe(false);
  });
});

describe('for random zones, names and values of others', () => {
  /** A person's spelling of a name. */
  const spelled = (text: string): fc.Arbitrary<string> =>
    fc.tuple(fc.constantFrom('', '.'), fc.infiniteStream(fc.boolean())).map(([dot, upper]) => {
      const spelling = Array.from(text, (one) => (upper.next().value === true ? one.toUpperCase() : one));
      return `${spelling.join('')}${dot}`;
    });

  interface Situation {
    readonly rights: WriteRights;
    readonly sets: readonly TxtRecordSet[];
    readonly values: readonly string[];
    readonly name: TxtRecordSet['name'];
  }

  const situations: fc.Arbitrary<Situation> = zones.chain((lan) =>
    fc
      .tuple(
        basesIn(lan),
        fc.boolean(),
        ldhLabel,
        fc.uniqueArray(fc.nat(4).map(challengeText), { minLength: 1 }),
      )
      .chain(([base, delegated, label, values]) => {
        const alias = nameOf(`${label}.acme.${lan}`);
        const place = delegated ? alias : nameOf(`_acme-challenge.${base}`);
        const journalled = values.map((value) => ({ name: place, value }));
        return setsAt(place).map((sets) => ({
          rights: { zone: lan, zoneId: 'Z1', aliases: delegated ? [alias] : [], journalled },
          sets,
          values,
          name: place,
        }));
      }),
  );

  it('every compare-and-swap passes, and its undoing', () => {
    fc.assert(
      fc.property(situations, ({ rights: given, sets, values, name: place }) => {
        const send = (changes: readonly Change[]): void => {
          if (changes.length === 0) return;
          const batch = guard(changes, given, 'why');
          expect(batch.changes).toEqual(changes);
          expect(keepsPromise(changes, given)).toBe(true);
        };
        const add = addValues(sets, place, values);
        const added = applyChanges(sets, add);
        send(add);
        send(touch(added, place, values));
        send(removeValues(added, place, values));
        send(removeValues(sets, place, values));
        send(createSets(given.journalled));
      }),
      { numRuns: 2000 },
    );
  });

  it('every name that a person may ask for in the zone passes, however it is spelled', () => {
    const asked = zones.chain((lan) =>
      fc
        .tuple(
          basesIn(lan).filter((base) => base.includes('.')),
          fc.constantFrom('', '*.'),
          fc.constantFrom(displayName, String),
        )
        .chain(([base, star, inScript]) => fc.tuple(fc.constant(lan), spelled(`${star}${inScript(base)}`))),
    );
    fc.assert(
      fc.property(asked, ([lan, written]) => {
        const places = [...planChallenges([parseDomain(written)], { zone: lan, aliases: [] }).values()];
        const journalled = places.map((place) => ({ name: place, value: ours }));
        const batch = guard(createSets(journalled), { ...rights, zone: lan, journalled }, 'why');
        expect(batch.changes.map((change) => change.set.name)).toEqual(places);
      }),
      { numRuns: 1000 },
    );
  });

  /** Names at the edge of the promise, and names in every spelling that Route 53 would take for one. */
  const names: fc.Arbitrary<string> = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(name, '_acme-challenge.lan.example', 'listed.lan.example') },
    fc.constantFrom(
      'lan.example',
      'host.lan.example',
      'unlisted.lan.example',
      'listed.evil.example',
      '_validation-persist.lan.example',
      '_acme-challenge.xlan.example',
      '_acme-challenge.lan.example.evil.example',
      '*.lan.example',
      '_acme-challenge.\\150ost.lan.example',
    ),
    fc
      .array(
        fc.constantFrom(
          '_acme-challenge',
          'lan',
          'example',
          'tree',
          'a',
          '-',
          '_',
          'A',
          '*',
          '\\056',
          'é',
          '',
        ),
      )
      .map((labels) => labels.join('.')),
    fc
      .tuple(
        fc.constantFrom(name, 'listed.lan.example', 'x.tree.lan.example'),
        fc.nat(40),
        fc.constantFrom('', '.', 'x', 'X', '\\', '\0', '-', '_', '。'),
      )
      .map(([text, index, inserted]) => `${text.slice(0, index)}${inserted}${text.slice(index + 1)}`),
    fc.string({ unit: 'binary', maxLength: 30 }),
  );
  const valuePool: fc.Arbitrary<string> = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(ours, ours2, ours, ours2, foreign) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('"journalled but no challenge"', challengeText('not ours'), '', '"x"'),
    },
    { weight: 1, arbitrary: foreignTexts },
  );
  const sets: fc.Arbitrary<TxtRecordSet> = fc
    .record({
      name: names.map(nameOf),
      ttl: fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom(10, 10, 10, 60) },
        fc.constantFrom(-1, 0.5, Number.NaN, 2 ** 31, 0),
      ),
      values: fc.oneof(
        { weight: 20, arbitrary: fc.uniqueArray(valuePool, { minLength: 1, maxLength: 3 }) },
        fc.array(valuePool, { maxLength: 3 }),
      ),
      setIdentifier: fc.oneof(
        { weight: 12, arbitrary: fc.constant(undefined) },
        fc.constantFrom('', 'x', 'y'),
      ),
    })
    .map(({ setIdentifier, ...set }) => (setIdentifier === undefined ? set : { ...set, setIdentifier }));
  const actions = fc.constantFrom('CREATE' as const, 'DELETE' as const);

  const wide: WriteRights = {
    ...rights,
    aliases: [
      'listed.lan.example',
      'listed.evil.example',
      'lan.example',
      '*.lan.example',
      '*.tree.lan.example',
      '_validation-persist.lan.example',
    ],
    journalled: [
      name,
      '_acme-challenge.lan.example',
      'listed.lan.example',
      'lan.example',
      'listed.evil.example',
      'x.tree.lan.example',
      'tree.lan.example',
    ].flatMap((place) =>
      [ours, ours2, '"journalled but no challenge"'].map((value) => ({ name: nameOf(place), value })),
    ),
  };

  /** The guard and the model agree on every batch; and both answers are given often enough to mean something. */
  function agrees(batches: fc.Arbitrary<readonly Change[]>, numRuns: number): void {
    const verdicts = { admitted: 0, refused: 0 };
    fc.assert(
      fc.property(batches, (changes) => {
        const promised = keepsPromise(changes, wide);
        verdicts[promised ? 'admitted' : 'refused'] += 1;
        const message = refusal(changes, wide);
        expect(message === undefined, message ?? 'admitted').toBe(promised);
      }),
      { numRuns },
    );
    expect(verdicts.admitted).toBeGreaterThan(numRuns / 25);
    expect(verdicts.refused).toBeGreaterThan(numRuns / 25);
  }

  it('a batch of anything passes only if it keeps the promise', () => {
    agrees(fc.array(fc.record({ action: actions, set: sets }), { maxLength: 4 }), 5000);
  });

  it('a pair of changes of one set passes only if it keeps the promise', () => {
    const pairs = fc.tuple(sets, sets, fc.boolean()).map(([before, after, sameTtl]): readonly Change[] => [
      { action: 'DELETE', set: before },
      { action: 'CREATE', set: { ...after, name: before.name, ttl: sameTtl ? before.ttl : after.ttl } },
    ]);
    agrees(pairs, 5000);
  });

  it('a legitimate batch that somebody tampered with passes only if it still keeps the promise', () => {
    type Tamper = (changes: readonly Change[]) => readonly Change[];
    const places = fc.constantFrom(name, nameOf('_acme-challenge.lan.example'), nameOf('listed.lan.example'));
    const legitimate = places.chain((place) =>
      fc
        .tuple(setsAt(place), fc.subarray([ours, ours2], { minLength: 1 }), fc.boolean())
        .map(([there, values, takeAway]) => {
          const add = addValues(there, place, values);
          return takeAway ? removeValues(applyChanges(there, add), place, values) : add;
        }),
    );
    const inOne =
      (index: number, change: (one: Change) => Change): Tamper =>
      (changes) =>
        changes.map((one, position) => (position === index % changes.length ? change(one) : one));
    const ofSet = (index: number, change: (set: TxtRecordSet) => TxtRecordSet): Tamper =>
      inOne(index, (one) => ({ ...one, set: change(one.set) }));
    const tampers: fc.Arbitrary<Tamper> = fc.nat(9).chain((index) =>
      fc.oneof(
        names.map((place) => ofSet(index, (set) => ({ ...set, name: nameOf(place) }))),
        fc.constantFrom(10, 11, 60, -1).map((ttl) => ofSet(index, (set) => ({ ...set, ttl }))),
        valuePool.map((value) => ofSet(index, (set) => ({ ...set, values: [...set.values, value] }))),
        fc.nat(5).map((drop) =>
          ofSet(index, (set) => ({
            ...set,
            values: set.values.filter((_, position) => position !== drop),
          })),
        ),
        fc.constantFrom('x', 'y').map((setIdentifier) => ofSet(index, (set) => ({ ...set, setIdentifier }))),
        fc.constant(ofSet(index, (set) => ({ ...set, values: set.values.toReversed() }))),
        actions.map((action) => inOne(index, (one) => ({ ...one, action }))),
        fc.constant<Tamper>((changes) =>
          changes.filter((_, position) => position !== index % changes.length),
        ),
        fc.constant<Tamper>((changes) => changes.toReversed()),
        fc.constant<Tamper>((changes) => [...changes, ...changes.slice(index % 2)]),
        sets.map(
          (set): Tamper =>
            (changes) => [...changes, { action: index % 2 === 0 ? 'CREATE' : 'DELETE', set }],
        ),
      ),
    );
    const tampered = fc
      .tuple(legitimate, fc.array(tampers, { maxLength: 3 }))
      .map(([changes, all]) => all.reduce((batch, tamper) => tamper(batch), changes));
    agrees(tampered, 10_000);
  });
});
