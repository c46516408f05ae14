import { describe, expect, it } from 'vitest';
import { type JournalEntry, parseJournalEntry } from '../../src/core/journal.ts';
import { challengeText } from './dns-arbitraries.ts';

const entry = {
  format: 1,
  id: 'host.lan.example-0a1b2c',
  certificate: 'host.lan.example',
  zone: 'lan.example',
  zoneId: 'Z0123456789EXAMPLE',
  createdAt: '2026-11-22T17:55:43.000Z',
  records: [{ name: '_acme-challenge.host.lan.example', value: challengeText(1) }],
  changeIds: ['C2682N5HXP0BZ4'],
};

const parse = (change: object): JournalEntry =>
  parseJournalEntry(JSON.parse(JSON.stringify({ ...entry, ...change })), entry.id, '/state/journal/x.json');

describe('a journal entry on disk', () => {
  it.each([
    ['as it is after sending', {}],
    ['before anything was sent', { changeIds: [] }],
    [
      'with a value that somebody else could have written',
      { records: [{ name: 'a.lan.example', value: '"x" "y"' }] },
    ],
    ['with two values at one name', { records: [entry.records[0], { ...entry.records[0], value: '"b"' }] }],
  ])('is read: %s', (_, change) => {
    expect(parse(change)).toEqual({ ...entry, ...change });
  });

  it.each([
    ['another id than its file', { id: 'other' }, 'id is not host.lan.example-0a1b2c'],
    [
      'a path as its certificate',
      { certificate: '../x' },
      'certificate is not the local name of a certificate',
    ],
    ['a zone in upper case', { zone: 'LAN.example' }, 'zone is not a DNS name in normal form'],
    ['a prefixed zone id', { zoneId: '/hostedzone/Z1' }, 'zoneId is not a bare hosted-zone id'],
    ['no time', { createdAt: 'yesterday' }, 'createdAt is not a time like 2026-11-22T17:55:43Z'],
    [
      'a wildcard to delete at',
      { records: [{ name: '*.lan.example', value: '"a"' }] },
      'records[0].name is not a DNS name in normal form',
    ],
    [
      'a name with a trailing dot',
      { records: [{ name: 'lan.example.', value: '"a"' }] },
      'records[0].name is not a DNS name in normal form',
    ],
    [
      'a value that is no text of Route 53',
      { records: [{ name: 'lan.example', value: 'a' }] },
      'records[0].value is not a TXT value in quotation marks',
    ],
    [
      'a value that is no text at all',
      { records: [{ name: 'lan.example', value: 1 }] },
      'records[0].value is not',
    ],
    ['records that are no list', { records: {} }, 'records is not a list'],
    ['a change id with a space', { changeIds: ['C 1'] }, 'changeIds[0] is not a change id'],
    ['a member that nobody knows', { more: true }, 'more is not a member that lanacme knows'],
    ['a member that is missing', { zone: undefined }, 'zone is missing'],
  ])('is broken with %s', (_, change, flaw) => {
    expect(() => parse(change)).toThrow(
      expect.objectContaining({
        code: 'state.broken',
        message: expect.stringContaining(`/state/journal/x.json is broken: ${flaw}`) as string,
      }),
    );
  });

  it('of a newer lanacme is left to that one', () => {
    expect(() => parse({ format: 2, more: true })).toThrow(
      expect.objectContaining({ code: 'state.newer-version' }),
    );
  });

  it('is named by its id unless a path is given', () => {
    expect(() => parseJournalEntry(undefined, 'x')).toThrow('journal/x.json is broken: it is not an object');
  });
});
