import { expect, it } from 'vitest';
import { cleanupRows, cleanupText } from '../../src/core/cleanup-row.ts';
import type { JournalEntry } from '../../src/core/journal.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { challengeText, nameOf } from './dns-arbitraries.ts';

const entry = (id: string, ...labels: readonly string[]): JournalEntry => ({
  format: 1,
  id,
  certificate: parseCertificateName('nas'),
  zone: nameOf('lan.example'),
  zoneId: 'Z1',
  createdAt: '2026-11-22T12:00:00.000Z',
  records: labels.map((label) => ({
    name: nameOf(`_acme-challenge.${label}.lan.example`),
    value: challengeText(label),
  })),
  changeIds: [],
});
const [done, undone] = [entry('1', 'a', 'b'), entry('2', 'c')];

it('tells of every value whether it was removed', () => {
  const rows = cleanupRows([done, undone], [done], false);
  expect(rows.map(({ name, state }) => [name, state])).toEqual([
    ['_acme-challenge.a.lan.example', 'removed'],
    ['_acme-challenge.b.lan.example', 'removed'],
    ['_acme-challenge.c.lan.example', 'left'],
  ]);
  expect(rows[2]).toEqual({
    name: '_acme-challenge.c.lan.example',
    type: 'TXT',
    value: challengeText('c'),
    zone: 'lan.example',
    zoneId: 'Z1',
    certificate: 'nas',
    sentAt: '2026-11-22T12:00:00.000Z',
    state: 'left',
  });
  expect(cleanupText(rows)).toBe(
    ['removed a', 'removed b', 'could not remove c']
      .map((line) => {
        const label = line.slice(-1);
        return `${line.slice(0, -1)}_acme-challenge.${label}.lan.example TXT ${challengeText(label)} (of nas, sent 2026-11-22T12:00:00.000Z)`;
      })
      .join('\n'),
  );
});

it('tells in a dry run what it would remove', () => {
  const rows = cleanupRows([undone], [], true);
  expect(rows.map(({ state }) => state)).toEqual(['to be removed']);
  expect(cleanupText(rows)).toMatch(/^would remove _acme-challenge\.c\.lan\.example TXT "/);
});

it('says that there is nothing', () => {
  expect(cleanupText(cleanupRows([], [], false))).toBe('nothing to clean up');
});
