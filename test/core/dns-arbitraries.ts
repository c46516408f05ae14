import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { DnsName } from '../../src/core/names.ts';
import type { TxtRecordSet } from '../../src/core/record-set.ts';

/** Names and values as the zone of a LAN may hold them, ours and those of others. */

/** For texts that are in normal form by their looks. */
export function nameOf(text: string): DnsName {
  return text as DnsName;
}

/** The Route 53 text of a well-formed challenge value, told apart by the seed. */
export function challengeText(seed: string | number): string {
  return `"${createHash('sha256').update(String(seed)).digest('base64url')}"`;
}

/** A label that a certificate can have. */
export const ldhLabel = fc
  .stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)
  .filter((label) => !label.startsWith('xn--'));

export const zones = fc
  .constantFrom('lan.example', 'xn--bro-hoa.example', 'a.b.c.example', 'lan')
  .map(nameOf);

/** Zero to three labels below the zone. */
export const basesIn = (zone: DnsName): fc.Arbitrary<DnsName> =>
  fc.array(ldhLabel, { maxLength: 3 }).map((labels) => nameOf([...labels, zone].join('.')));

/** Values of other people, as Route 53 spells them: several strings, escapes, anything. */
export const foreignTexts = fc.oneof(
  fc.constantFrom('"v=spf1 -all"', '"part1" "part2"', '"say \\"hi\\""', '"\\303\\274"', '""'),
  fc.string({ maxLength: 20 }).map((text) => JSON.stringify(text)),
  fc.nat(9).map((seed) => challengeText(`foreign ${seed}`)),
);

const foreignSets = (name: DnsName): fc.Arbitrary<TxtRecordSet> =>
  fc.record({
    name: fc.constant(name),
    ttl: fc.nat(0x7fffffff),
    values: fc.uniqueArray(foreignTexts, { minLength: 1, maxLength: 6 }),
  });

/** All that stands at a name: nothing, one simple set, or sets with identifiers, beside which five more have place. */
export const setsAt = (name: DnsName): fc.Arbitrary<readonly TxtRecordSet[]> =>
  fc.oneof(
    fc.constant([]),
    foreignSets(name).map((set) => [set]),
    fc
      .uniqueArray(foreignTexts, { minLength: 1, maxLength: 3 })
      .chain((values) =>
        fc
          .nat(600)
          .map((ttl) => values.map((value) => ({ name, ttl, values: [value], setIdentifier: value }))),
      ),
  );
