import { describe, expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { fileFailure } from '../../src/io/file-failure.ts';

const thrown = (code: string) =>
  Object.assign(new Error(`${code}: what Node says`), { code, syscall: 'open' });

describe('what the kernel refuses', () => {
  const other = 'or choose another folder with --state-dir';
  const own = `everything there must belong to the owner of the state folder (see ls -l, then chown), ${other}`;
  it.each([
    ['ENOSPC', 'the disk is full', 'free some space on that disk, then run lanacme again'],
    ['EDQUOT', 'the disk quota is used up', 'free some space or raise the quota, then run lanacme again'],
    ['EROFS', 'the file system is read-only', `mount it read-write, ${other}`],
    ['EACCES', 'permission denied', own],
    ['EPERM', 'not permitted', own],
    ['ENOENT', 'no such file or folder', `make the folder that should hold it, ${other}`],
    ['ENOTDIR', 'a part of this path is not a folder', `look at each part of the path, ${other}`],
    [
      'ENAMETOOLONG',
      'the name is too long for this file system',
      'give the certificate a shorter name with --name',
    ],
    ['EIO', 'the disk reports an error', 'look for disk errors in the kernel log (dmesg)'],
    ['EBUSY', 'EBUSY: what Node says', `look into the cause, ${other}`],
  ])('%s is told with its path and a hint', (code, said, hint) => {
    const cause = thrown(code);
    expect(fileFailure(cause, 'write', '/state/x')).toMatchObject({
      code: 'state.unwritable',
      message: `cannot write /state/x: ${said}`,
      hint,
      cause,
    });
    expect(fileFailure(cause, 'read', '/state/x')).toMatchObject({
      code: 'state.unreadable',
      message: `cannot read /state/x: ${said}`,
    });
  });

  it('is not said twice, and a mistake of ours is not put down to the disk', () => {
    const ours = new LanacmeError('state.unsafe', 'x', { hint: 'y' });
    expect(fileFailure(ours, 'read', '/x')).toBe(ours);
    const bug = new TypeError('x is undefined');
    expect(fileFailure(bug, 'read', '/x')).toBe(bug);
  });
});
