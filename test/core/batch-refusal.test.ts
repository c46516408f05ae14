import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BatchRefusal, readBatchRefusals } from '../../src/core/batch-refusal.ts';

const name = '_acme-challenge.host.lan.example';

/** Every text of `reference/route53.md` §3, and the variants that reports and emulators know. */
type Row = readonly [
  title: string,
  kind: BatchRefusal['kind'],
  name: string | undefined,
  message: string,
  setIdentifier?: string,
];
const rows: readonly Row[] = [
  [
    'the set is there',
    'exists',
    name,
    `Tried to create resource record set [name='${name}.', type='TXT'] but it already exists`,
  ],
  [
    'the set with this identifier is there',
    'exists',
    name,
    `Tried to create resource record set [name='${name}.', type='TXT', set-identifier='"v"'] but it already exists`,
  ],
  [
    'the set whose identifier holds what separates messages is there',
    'exists',
    name,
    `Tried to create resource record set [name='${name}.', type='TXT', set-identifier='"a', ] b"'] but it already exists`,
  ],
  [
    'a set of our own is there',
    'exists',
    name,
    `Tried to create resource record set [name='${name}.', type='TXT', set-identifier='"${'a'.repeat(43)}"'] but it already exists`,
    `"${'a'.repeat(43)}"`,
  ],
  [
    'a set of our own is gone',
    'not-found',
    name,
    `Tried to delete resource record set [name='${name}.', type='TXT', set-identifier='"${'_'.repeat(43)}"'] but it was not found`,
    `"${'_'.repeat(43)}"`,
  ],
  [
    'the set is gone',
    'not-found',
    name,
    `Tried to delete resource record set [name='${name}.', type='TXT'] but it was not found`,
  ],
  [
    'somebody changed the set',
    'values-differ',
    name,
    `Tried to delete resource record set [name='${name}.', type='TXT'] but the values provided do not match the current values`,
  ],
  [
    'somebody changed the set with this identifier',
    'values-differ',
    name,
    `Tried to delete resource record set [name='${name}.', type='TXT', set-identifier='"v"'] but the values provided do not match the current values`,
  ],
  [
    'a value without quotation marks',
    'malformed',
    undefined,
    "Invalid Resource Record: FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'a, b]'",
  ],
  [
    'the same in quotation marks of its own',
    'malformed',
    undefined,
    "Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'v''",
  ],
  [
    'the same with a stray quotation mark',
    'malformed',
    undefined,
    "Invalid Resource Record: ' 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with 'v''",
  ],
  [
    'the same in older words',
    'malformed',
    undefined,
    'Invalid Resource Record: FATAL problem: InvalidTXTRDATA encountered at v',
  ],
  [
    'a string that is too long',
    'malformed',
    undefined,
    `Invalid Resource Record: FATAL problem: CharacterStringTooLong (Value is too long) encountered with '"${'a'.repeat(300)}"'`,
  ],
  [
    'a name that is none',
    'malformed',
    undefined,
    "FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'a..b'",
  ],
  ['a value twice', 'malformed', undefined, `Duplicate Resource Record: '"v, w"'`],
  [
    'another zone',
    'outside-zone',
    name,
    `RRSet with DNS name ${name}. is not permitted in zone wan.example.`,
  ],
  [
    'another zone, in the words of emulators',
    'outside-zone',
    name,
    `RRSet with DNS name ${name}. is not permitted in zone wan.example`,
  ],
  [
    'a CNAME is there',
    'cname-in-the-way',
    name,
    `RRSet of type TXT with DNS name ${name}. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone lan.example.`,
  ],
  [
    'a CNAME is there, with one space',
    'cname-in-the-way',
    name,
    `RRSet of type TXT with DNS name ${name}. is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone lan.example.`,
  ],
  [
    'a CNAME cannot be there',
    'cname-in-the-way',
    name,
    `RRSet of type CNAME with DNS name ${name}. is not permitted as it conflicts with other records with the same DNS name in zone lan.example.`,
  ],
  [
    'a simple set is there',
    'other-style',
    name,
    `RRSet with DNS name ${name}., type TXT, SetIdentifier "v, w" cannot be created as a non multivalue answer rrset exists with the same name and type.`,
  ],
  [
    'a simple set is there, in the words of a report',
    'other-style',
    name,
    `RRSet with DNS name ${name}., type TXT, SetIdentifier "...." cannot be created because a non multivalue answer rrset exists with the same name and type.`,
  ],
  [
    'multivalue sets are there',
    'other-style',
    name,
    `RRSet with DNS name ${name}., type TXT cannot be created as a multivalue answer rrset exists with the same name and type.`,
  ],
  [
    'other sets are there',
    'other-style',
    name,
    `RRSet with DNS name ${name}., type TXT cannot be created as other RRSets exist with the same name and type.`,
  ],
  [
    'a batch that contradicts itself',
    'malformed',
    name,
    `The request contains an invalid set of changes for a resource record set 'TXT ${name}.'`,
  ],
  ['too many records', 'too-large', undefined, 'Number of records limit of 1000 exceeded.'],
  ['too many characters', 'too-large', undefined, 'RDATA character limit of 32000 exceeded.'],
  ['too many values', 'too-large', undefined, 'Cannot have more than 400 records in a RRSet.'],
];

const refusalOf = ([, kind, about, message, setIdentifier]: Row): object => ({
  kind,
  message,
  ...(about === undefined ? {} : { name: about }),
  ...(setIdentifier === undefined ? {} : { setIdentifier }),
});

describe('the refusals of Route 53', () => {
  it.each(rows.map((row) => ({ title: row[0], row })))('$title', ({ row }) => {
    const refusal = refusalOf(row);
    expect(readBatchRefusals([row[3]])).toEqual([refusal]);
    expect(readBatchRefusals([`[${row[3]}]`])).toEqual([refusal]);
  });

  it('come one by one, or several in one pair of brackets', () => {
    const all = rows.map(([, , , message]) => message);
    expect(readBatchRefusals(all)).toEqual(rows.map(refusalOf));
    expect(readBatchRefusals([`[${all.join(', ')}]`])).toEqual(rows.map(refusalOf));
  });

  it('are told apart in any order and number', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...rows), { minLength: 1, maxLength: 8 }), (chosen) => {
        const text = `[${chosen.map(([, , , message]) => message).join(', ')}]`;
        expect(readBatchRefusals([text])).toEqual(chosen.map(refusalOf));
      }),
      { numRuns: 500 },
    );
  });

  it('read names whatever their spelling, and leave out those that lanacme never writes', () => {
    const about = (listed: string): string =>
      `Tried to create resource record set [name='${listed}', type='TXT'] but it already exists`;
    expect(readBatchRefusals([about('\\137ACME-challenge.lan.example.')])[0]?.name).toBe(
      '_acme-challenge.lan.example',
    );
    expect(readBatchRefusals([about('\\052.lan.example.')])[0]).not.toHaveProperty('name');
  });
});

describe('what nobody has seen yet', () => {
  const [exists] = rows;

  it.each([
    ['a new text', 'Something new [with, brackets], commas and no end'],
    [
      'a known beginning that goes on otherwise',
      `Tried to create resource record set [name='${name}.', type='TXT'] but it is Monday`,
    ],
    [
      'a CNAME-like text for another type',
      `RRSet of type TXT with DNS name ${name}. is not permitted on Mondays`,
    ],
  ])('is other: %s', (_, message) => {
    expect(readBatchRefusals([message])).toEqual([{ kind: 'other', message }]);
    expect(readBatchRefusals([`[${message}]`])).toEqual([{ kind: 'other', message }]);
  });

  it('does not hide its neighbours', () => {
    const text = exists?.[3] ?? '';
    const wanted = exists === undefined ? {} : refusalOf(exists);
    expect(readBatchRefusals([`[New, and [odd], ${text}, also new, ${text}]`])).toEqual([
      { kind: 'other', message: 'New, and [odd]' },
      wanted,
      { kind: 'other', message: 'also new' },
      wanted,
    ]);
  });

  it.each([[[]], [['']], [['[]']], [[' ']]])('is nothing in %j', (messages) => {
    expect(readBatchRefusals(messages)).toEqual([]);
  });

  it('is kept whole, and safe to print', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 4 }), (messages) => {
        for (const { kind, message } of readBatchRefusals(messages)) {
          expect(kind).toBe('other');
          expect(message).not.toMatch(/\p{Cc}|\p{Cf}/u);
        }
      }),
    );
    expect(readBatchRefusals(['[red \u001b[31m alert]'])).toEqual([
      { kind: 'other', message: 'red \\x1b[31m alert' },
    ]);
  });

  it('costs little time, however it is made to look', () => {
    const hostile = [
      `Tried to create resource record set [name='a.', type='TXT', set-identifier='${'"a"'.repeat(5000)}`,
      `Duplicate Resource Record: '${'"" '.repeat(10_000)}`,
      `Invalid Resource Record: FATAL problem: X encountered with '${'"\\"'.repeat(10_000)}`,
      ', '.repeat(20_000),
    ];
    const startedAt = performance.now();
    readBatchRefusals(hostile);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
