import { expect, it } from 'vitest';
import { isOurs, marked } from '../../src/core/systemd-marker.ts';

it.each<[string, boolean]>([
  [marked('[Unit]\n'), true],
  [marked(''), true],
  [marked('').trimEnd(), false],
  [marked('').replace('\n', ' or so\n'), false],
  [`[Unit]\n${marked('')}`, false],
  ['', false],
])('%j is ours: %s', (text, expected) => {
  expect(isOurs(text)).toBe(expected);
});
