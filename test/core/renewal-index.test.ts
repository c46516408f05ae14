import { describe, expect, it } from 'vitest';
import {
  parseRenewalIndex,
  type RenewalIndex,
  restingUntil,
  restUntil,
} from '../../src/core/renewal-index.ts';
import { LanacmeError } from '../../src/errors.ts';

const now = new Date('2026-11-22T12:00:00Z');
const index: RenewalIndex = {
  format: 1,
  told: '[]',
  writtenAt: '2026-11-22T11:00:00Z',
  resting: {
    'a.example': { mark: '1', until: '2026-11-22T13:00:00Z' },
    'b.example': { mark: '2', until: '2026-11-22T12:00:00Z' },
  },
};
const marks = new Map([
  ['a.example', '1'],
  ['b.example', '2'],
  ['constructor', '3'],
]);

describe('what the last run found', () => {
  it('spares the next one a look at what rests', () => {
    expect(restingUntil(index, marks, '[]', now)).toEqual(
      new Map([['a.example', new Date('2026-11-22T13:00:00Z')]]),
    );
  });

  it.each<[string, RenewalIndex | undefined, ReadonlyMap<string, string>, string]>([
    ['if there is none', undefined, marks, '[]'],
    ['for a certificate that was touched', index, new Map([['a.example', '9']]), '[]'],
    ['if the run was told something else', index, marks, '["--deploy-hook"]'],
    ['if it comes from the future', { ...index, writtenAt: '2026-11-22T12:00:01Z' }, marks, '[]'],
  ])('counts for nothing %s', (_title, found, seen, told) => {
    expect(restingUntil(found, seen, told, now)).toEqual(new Map());
  });

  it('is read strictly: a broken one is none', () => {
    expect(parseRenewalIndex(JSON.parse(JSON.stringify(index)), 'renewals.json')).toEqual(index);
    const broken = { ...index, resting: { 'a.example': { mark: 1, until: 'x' } } };
    expect(() => parseRenewalIndex(broken, 'renewals.json')).toThrow(LanacmeError);
    expect(() => parseRenewalIndex({ ...index, resting: [] }, 'renewals.json')).toThrow(
      'renewals.json is broken: resting is not an object',
    );
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
