import { expect, test } from 'vitest';
import { debianVersion } from '../../packaging/debian-version.ts';

test.each([
  ['0.1.0', '0.1.0-1'],
  ['1.12.3', '1.12.3-1'],
  ['1.0.0-rc.1', '1.0.0~rc.1-1'],
])('version %s of npm is %s of Debian', (version, expected) => {
  expect(debianVersion(version)).toBe(expected);
});

test.each(['', '1.2', 'v1.2.3', '1.2.3\nDepends: evil', '1.2.3-', '../1.2.3', '1:1.2.3'])(
  '%j is none',
  (version) => {
    expect(() => debianVersion(version)).toThrow('not a version such as 1.2.3');
  },
);
