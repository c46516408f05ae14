import { expect, it, test } from 'vitest';
import { type FileState, foreignFiles, isRemovable, stateOf } from '../../src/core/systemd-changes.ts';
import type { SystemdFile } from '../../src/core/systemd-files.ts';
import { marked } from '../../src/core/systemd-marker.ts';

const unit: SystemdFile = { path: '/u', text: marked('[Unit]\n'), mode: 0o644 };
const envFile: SystemdFile = { path: '/e', text: '#LANACME_ZONE=\n', mode: 0o640, isTheirs: true };

it.each<[string, SystemdFile, string | undefined, FileState, boolean]>([
  ['a unit that is not there', unit, undefined, 'absent', false],
  ['a unit as it should be', unit, unit.text, 'same', true],
  ['a unit of an older version', unit, marked('[Service]\n'), 'outdated', true],
  ['a unit that somebody wrote', unit, '[Unit]\n', 'foreign', false],
  ['an env file that is not there', envFile, undefined, 'absent', false],
  ['an env file as it was written', envFile, envFile.text, 'same', false],
  ['an env file filled in', envFile, 'LANACME_ZONE=lan.example\n', 'same', false],
])('%s', (_title, file, text, state, removable) => {
  const found = new Map(text === undefined ? [] : [[file.path, text]]);
  expect(stateOf(file, found)).toBe(state);
  expect(isRemovable(file, found)).toBe(removable);
});

test('every file of others is told, not only the first', () => {
  const other = { ...unit, path: '/v' };
  const found = new Map([unit, other].map(({ path }) => [path, 'mine']));
  expect(foreignFiles([unit, envFile, other], found)).toEqual(['/u', '/v']);
});
