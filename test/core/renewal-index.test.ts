import { describe, expect, it } from 'vitest';
import {
  allRestUntil,
  namesToProbe,
  parseRenewalIndex,
  type RenewalIndex,
  restingLines,
  restingNames,
  restingUntil,
  restUntil,
} from '../../src/core/renewal-index.ts';
import { LanacmeError } from '../../src/errors.ts';

const now = new Date('2026-11-22T12:00:00Z');
const told = '[]';
const index: RenewalIndex = {
  format: 1,
  told,
  writtenAt: '2026-11-22T11:00:00Z',
  folders: 'f',
  allRestUntil: '2026-11-22T12:00:01Z',
  resting: restingLines([
    { name: 'a.example', until: new Date('2026-11-22T13:00:00Z'), mark: '1 x' },
    { name: 'b.example', until: new Date('2026-11-22T12:00:00Z'), mark: '2' },
  ]),
};
const marks = new Map([
  ['a.example', '1 x'],
  ['b.example', '2'],
  ['constructor', '3'],
]);

describe('what the last run found', () => {
  it('spares the next one a look at what rests', () => {
    expect(restingUntil(index, marks, { told, now })).toEqual(
      new Map([['a.example', new Date('2026-11-22T13:00:00Z')]]),
    );
  });

  it.each<[string, RenewalIndex | undefined, ReadonlyMap<string, string>, string]>([
    ['if there is none', undefined, marks, told],
    ['for a certificate that was touched', index, new Map([['a.example', '9']]), told],
    ['for one that is due', index, new Map([['b.example', '2']]), told],
    ['if the run was told something else', index, marks, '["--deploy-hook"]'],
    ['if it comes from the future', { ...index, writtenAt: '2026-11-22T12:00:01Z' }, marks, told],
  ])('counts for nothing %s', (_title, found, seen, words) => {
    expect(restingUntil(found, seen, { told: words, now })).toEqual(new Map());
  });

  it('is read strictly: a broken one is none', () => {
    expect(parseRenewalIndex(JSON.parse(JSON.stringify(index)), 'renewals.json')).toEqual(index);
    const broken = (change: object) => () => parseRenewalIndex({ ...index, ...change }, 'renewals.json');
    expect(broken({ resting: [] })).toThrow('renewals.json is broken: resting is not a text');
    expect(broken({ allRestUntil: 'soon' })).toThrow(LanacmeError);
  });

  it('is kept as a line for each, whatever nonsense stands there', () => {
    expect(restingNames(index)).toEqual(['a.example', 'b.example']);
    expect(restingNames({ ...index, resting: '' })).toEqual([]);
    const nonsense = { ...index, resting: 'a.example\n\nb.example soon 2\n  ' };
    expect(restingUntil(nonsense, marks, { told, now })).toEqual(new Map());
  });
});

describe('all certificates', () => {
  const view = { told, folders: 'f', now };
  const { format, writtenAt, folders, resting } = index;
  const withoutEnd = { format, told, writtenAt, folders, resting };

  it('rest until the first of them does not', () => {
    expect(allRestUntil(index, view)).toEqual(new Date('2026-11-22T12:00:01Z'));
  });

  it.each<[string, RenewalIndex | undefined, Partial<typeof view>]>([
    ['nothing is known', undefined, {}],
    ['one of them was awake', withoutEnd, {}],
    ['a record or a link was replaced', index, { folders: 'g' }],
    ['the run was told something else', index, { told: '["--force"]' }],
    ['the first of them is due', index, { now: new Date('2026-11-22T12:00:01Z') }],
    ['the clock was set back', index, { now: new Date('2026-11-22T10:00:00Z') }],
  ])('are looked at if %s', (_title, found, change) => {
    expect(allRestUntil(found, { ...view, ...change })).toBeUndefined();
  });
});

describe('an edit in place', () => {
  const names = Array.from({ length: 250 }, (_, number) => `host-${number}`);

  it('is looked for in all records if they are few', () => {
    expect(namesToProbe(names.slice(0, 100), now)).toEqual(names.slice(0, 100));
  });

  it('is looked for in some of many each hour, and in all of them within hours', () => {
    const hours = [0, 1, 2, 3, 4].map((hour) =>
      namesToProbe(names, new Date(now.getTime() + hour * 3600_000)),
    );
    expect(hours.map(({ length }) => length)).toEqual([100, 100, 100, 100, 100]);
    expect(new Set(hours.flat()).size).toBe(250);
  });
});

describe('a certificate rests', () => {
  const ari = { certId: 'a.b', askedAt: '2026-11-22T12:00:00Z', askAgainAt: '2026-11-22T18:00:00Z' };
  const window = { start: '2026-11-22T14:00:00Z', end: '2026-11-22T17:00:00Z' };
  it.each([
    ['until it is due', '2026-11-22T13:00:00Z', undefined, '2026-11-22T13:00:00Z'],
    ['a day at most', '2026-12-22T12:00:00Z', undefined, '2026-11-23T12:00:00Z'],
    ['until the CA may be asked again', '2026-12-22T12:00:00Z', ari, ari.askAgainAt],
    ['until the window of the CA begins', '2026-11-22T16:00:00Z', { ...ari, window }, window.start],
  ])('%s', (_title, renewAt, suggestion, until) => {
    expect(restUntil(new Date(renewAt), suggestion, now)).toEqual(new Date(until));
  });
});
