import { describe, expect, it } from 'vitest';
import { parseDnsName } from '../../src/core/names.ts';
import { overtakenBy } from '../../src/core/overtaken.ts';
import type { Change, TxtRecordSet } from '../../src/core/record-set.ts';

const setAt = (name: string, ...values: readonly string[]): TxtRecordSet => ({
  name: parseDnsName(`_acme-challenge.${name}.lan.example`),
  ttl: 10,
  values,
});
const create = (set: TxtRecordSet): Change => ({ action: 'CREATE', set });
const swap = (name: string): readonly Change[] => [
  { action: 'DELETE', set: setAt(name, '"a"') },
  create(setAt(name, '"a"', '"b"')),
];
const namesOf = (changes: readonly Change[]): readonly string[] =>
  overtakenBy(changes).map(({ name = '' }) => name.split('.')[1] ?? '');

describe('after Throttling', () => {
  it('the only name of a batch is read first', () => {
    expect(namesOf([create(setAt('one', '"a"'))])).toEqual(['one']);
    expect(namesOf(swap('one'))).toEqual(['one']);
    expect(overtakenBy(swap('one'))).toMatchObject([{ kind: 'values-differ' }]);
  });

  it('of several names, only those that somebody else writes too', () => {
    expect(namesOf([...swap('shared'), create(setAt('own', '"a"'))])).toEqual(['shared']);
  });

  it('a batch of many new sets is sent again: to read them would cost more than a refusal', () => {
    expect(overtakenBy([create(setAt('one', '"a"')), create(setAt('two', '"a"'))])).toEqual([]);
  });

  it('a set made beside one that ends is no swap', () => {
    const other = { ...setAt('one', '"b"'), setIdentifier: 'b' };
    const changes = [
      { action: 'DELETE', set: setAt('one', '"a"') } as const,
      create(other),
      create(setAt('two', '"c"')),
    ];
    expect(overtakenBy(changes)).toEqual([]);
  });
});
