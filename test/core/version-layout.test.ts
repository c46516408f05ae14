import { describe, expect, it } from 'vitest';
import { parseCertificateName } from '../../src/core/names.ts';
import {
  archivePath,
  isJournalId,
  journalPath,
  livePath,
  liveTarget,
  nextVersion,
  recordPath,
  versionOfTarget,
  versionsIn,
} from '../../src/core/version-layout.ts';

const name = parseCertificateName('lan.example');

describe('the state folder', () => {
  it('has a place for everything', () => {
    expect([livePath(name), archivePath(name), recordPath(name), journalPath('a1')]).toEqual([
      'live/lan.example',
      'archive/lan.example',
      'certificates/lan.example.json',
      'journal/a1.json',
    ]);
    expect(liveTarget(name, '0001')).toBe('../archive/lan.example/0001');
  });
});

describe('the next version', () => {
  it.each<[string, readonly string[], string]>([
    ['is 0001 when there is none', [], '0001'],
    ['is one more than the highest, not than the number of folders', ['0003', '0007'], '0008'],
    ['compares numbers, not texts', ['10000', '9999'], '10001'],
    ['grows beyond four digits', ['9999'], '10000'],
    [
      'counts only folders of versions',
      ['0002', 'x', '.tmp~0123456789ab~1', '77', '0009.bak', '-0010'],
      '0003',
    ],
  ])('%s', (_, present, expected) => {
    expect(nextVersion(present)).toBe(expected);
  });
});

describe('the versions in a folder', () => {
  it('are those of its names that are numbers of versions, oldest first', () => {
    const names = ['10000', '9999', '.tmp~0123456789ab~1', '0002', 'x', '77', '0009.bak'];
    expect(versionsIn(names)).toEqual(['0002', '9999', '10000']);
  });
});

describe('a link in live', () => {
  it.each(['0001', '0042', '10000'])('to version %s is ours', (version) => {
    expect(versionOfTarget(name, `../archive/lan.example/${version}`)).toBe(version);
  });

  it.each([
    ['another certificate', '../archive/other.example/0001'],
    ['an absolute path', '/state/archive/lan.example/0001'],
    ['a detour', '../archive/../archive/lan.example/0001'],
    ['a trailing slash', '../archive/lan.example/0001/'],
    ['two slashes', '../archive//lan.example/0001'],
    ['a place outside', '../../etc/lan.example/0001'],
    ['no version', '../archive/lan.example'],
    ['a folder that is no version', '../archive/lan.example/latest'],
    ['a short number', '../archive/lan.example/1'],
    ['more digits than a number has', '../archive/lan.example/1234567890123456'],
    ['a half-written version', '../archive/lan.example/.tmp~0123456789ab~1'],
    ['a line end', '../archive/lan.example/0001\n'],
    ['nothing', ''],
  ])('to %s is not', (_, target) => {
    expect(versionOfTarget(name, target)).toBeUndefined();
  });
});

describe('the id of a journal entry', () => {
  it.each(['a', 'lan.example-0a1b2c3d', '_x', '-', 'a'.repeat(100)])('can be %s', (id) => {
    expect(isJournalId(id)).toBe(true);
  });

  it.each(['', '.', '..', '.hidden', '../x', 'a/b', 'a\0', 'a b', 'a\n', 'ä', 'a~b', 'a'.repeat(101)])(
    'cannot be %j',
    (id) => {
      expect(isJournalId(id)).toBe(false);
    },
  );
});
