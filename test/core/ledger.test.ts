import { describe, expect, it } from 'vitest';
import { caLimits } from '../../src/core/ca-limits.ts';
import { type PlannedOrder, prunedLedger, refusalOf } from '../../src/core/ledger.ts';
import { type LedgerEntry, parseLedger } from '../../src/core/ledger-entry.ts';
import type { DnsName, Domain } from '../../src/core/names.ts';
import { rfc3339 } from '../../src/core/rfc3339.ts';

const limits = caLimits('letsencrypt', '');
const now = new Date('2026-01-10T00:00:00Z');
const minute = 60_000;
const hour = 60 * minute;

function names(...texts: readonly string[]): readonly Domain[] {
  return texts as readonly Domain[];
}

const ago = (milliseconds: number): string => rfc3339(new Date(now.getTime() - milliseconds));
const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const orders = (count: number, at: string): readonly LedgerEntry[] =>
  times(count, () => ({ kind: 'order', at }));
const issued = (count: number, at: string, ...domains: readonly string[]): readonly LedgerEntry[] =>
  times(count, () => ({ kind: 'certificate', at, domains: names(...domains) }));
const failed = (count: number, at: string, domain: string): readonly LedgerEntry[] =>
  times(count, () => ({ kind: 'failed-validation', at, domain: domain as DnsName }));
const planned = (change: Partial<PlannedOrder> = {}): PlannedOrder => ({
  domains: names('a.lan.example', '*.a.lan.example'),
  isExempt: false,
  isRenewal: false,
  ...change,
});
const set = ['*.a.lan.example', 'a.lan.example'];

describe('an order is refused here', () => {
  it.each<[string, readonly LedgerEntry[], string, string]>([
    [
      'the sixth time that a week brings the same names, in any order',
      issued(5, ago(hour), ...set),
      '2026-01-11T08:36:00Z',
      '5 certificates were issued for exactly these names within 7 days',
    ],
    [
      'after five failed validations of a name within an hour, of the wildcard above it too',
      failed(5, ago(minute), 'a.lan.example'),
      '2026-01-10T00:11:00Z',
      '5 validations of a.lan.example failed within an hour',
    ],
    [
      'after 300 orders within three hours',
      orders(300, ago(0)),
      '2026-01-10T00:00:36Z',
      '300 orders were made within 3 hours',
    ],
    [
      'as long as the last of all that bars it',
      [...orders(300, ago(0)), ...failed(5, ago(0), 'a.lan.example')],
      '2026-01-10T00:12:00Z',
      '5 validations of a.lan.example failed within an hour',
    ],
  ])('%s, and it says when it will not be', (_, entries, retryAt, words) => {
    expect(refusalOf(entries, limits, planned(), now)).toMatchObject({
      code: 'ledger.limit-reached',
      outcome: 'wait',
      retryAt: new Date(retryAt),
      message: `no order for a.lan.example, *.a.lan.example before ${retryAt}: ${words}, and the CA takes no more`,
    });
    expect(refusalOf(entries, limits, planned(), new Date(retryAt))).toBeUndefined();
    expect(refusalOf(entries, limits, planned(), new Date(Date.parse(retryAt) - 1000))).toBeDefined();
  });

  it.each<[string, readonly LedgerEntry[], Partial<PlannedOrder>]>([
    ['with an empty ledger', [], {}],
    ['the fifth time', issued(4, ago(hour), ...set), {}],
    ['for other names', issued(5, ago(hour), 'a.lan.example'), {}],
    ['because another name failed', failed(5, ago(0), 'b.lan.example'), {}],
    ['if it replaces a certificate within its window', issued(9, ago(hour), ...set), { isExempt: true }],
    ['for the number of orders, if it renews', orders(300, ago(0)), { isRenewal: true }],
    ['by a clock that was wrong once', issued(5, '2099-01-01T00:00:00Z', ...set), {}],
    ['for the fifth time, by a clock that was set back by a minute', issued(4, ago(-minute), ...set), {}],
  ])('not %s', (_, entries, change) => {
    expect(refusalOf(entries, limits, planned(change), now)).toBeUndefined();
  });

  it('also as a renewal, if its names had their certificates of the week', () => {
    const entries = issued(5, ago(hour), ...set);
    expect(refusalOf(entries, limits, planned({ isRenewal: true }), now)).toBeDefined();
  });

  it('never at a CA whose limits are not known', () => {
    const entries = [...orders(999, ago(0)), ...issued(9, ago(0), ...set)];
    expect(refusalOf(entries, caLimits(undefined, 'https://ca.example'), planned(), now)).toBeUndefined();
  });
});

describe('the limits', () => {
  it.each([
    ['https://acme-v02.api.letsencrypt.org/directory', undefined, 300],
    ['https://acme-staging-v02.api.letsencrypt.org/directory', undefined, 1500],
    ['https://ca.example/directory', undefined, undefined],
    ['https://ca.example/directory', 'letsencrypt', 300],
    ['https://acme-v02.api.letsencrypt.org/directory', 'none', undefined],
  ] as const)('of %s, told %s, are its own', (url, name, newOrders) => {
    expect(caLimits(name, url).newOrders?.capacity).toBe(newOrders);
  });
});

describe('what is kept', () => {
  it('is what may matter still', () => {
    const kept: readonly LedgerEntry[] = [
      ...orders(1, ago(5 * hour)),
      ...issued(1, ago(13 * 24 * hour), ...set),
      ...failed(1, ago(hour), 'a.lan.example'),
    ];
    const gone: readonly LedgerEntry[] = [
      ...orders(1, ago(7 * hour)),
      ...issued(1, ago(15 * 24 * hour), ...set),
      ...failed(1, ago(3 * hour), 'a.lan.example'),
      ...orders(1, '2099-01-01T00:00:00Z'),
    ];
    expect(prunedLedger([...gone, ...kept], limits, now)).toEqual(kept);
  });
});

describe('a ledger on disk', () => {
  const directory = 'https://ca.example/directory';
  const entries = [...orders(1, ago(0)), ...issued(1, ago(0), ...set), ...failed(1, ago(0), 'a.lan.example')];

  it('is read as it was written', () => {
    const json: unknown = JSON.parse(JSON.stringify({ format: 1, directory, entries }));
    expect(parseLedger(json, directory, 'ledger/ca.json')).toEqual(entries);
  });

  it.each<[unknown, RegExp]>([
    [{ format: 2, directory, entries }, /has format 2/],
    [{ format: 1, directory: 'https://other.example', entries }, /directory is not https:\/\/ca\.example/],
    [{ format: 1, directory, entries: [{ kind: 'refund', at: ago(0) }] }, /entries\[0\]\.kind is not one of/],
    [{ format: 1, directory, entries: [7] }, /entries\[0\]\.kind is not one of/],
    [{ format: 1, directory, entries: [{ kind: 'order', at: 'soon' }] }, /entries\[0\]\.at is not a time/],
    [
      { format: 1, directory, entries: [{ kind: 'certificate', at: ago(0), domains: ['A b'] }] },
      /entries\[0\]\.domains\[0\] is not a name/,
    ],
    [
      { format: 1, directory, entries: [{ kind: 'failed-validation', at: ago(0), domain: '*.x.y' }] },
      /entries\[0\]\.domain is not a name/,
    ],
  ])('is refused if it is wrong (%#), with what is', (json, message) => {
    expect(() => parseLedger(json, directory, 'ledger/ca.json')).toThrow(message);
  });
});
