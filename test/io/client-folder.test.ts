import { execFileSync } from 'node:child_process';
import { chmod, chown, lchown, link, mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openClientFolder } from '../../src/io/client-folder.ts';
import { isRoot, stranger } from '../support/as-root.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let temporary: TempFolder;
let top: string;
let dir: string;
const at = (path: string) => join(dir, path);

beforeEach(async () => {
  temporary = await makeTempFolder('client-folder');
  top = await realpath(temporary.path);
  dir = join(top, 'letsencrypt');
  for (const folder of ['', 'archive', 'archive/x', 'live', 'live/x'])
    await mkdir(at(folder), { mode: 0o755 });
  await writeFile(at('archive/x/privkey1.pem'), 'key', { mode: 0o600 });
  await chmod(at('archive/x/privkey1.pem'), 0o600);
  await symlink('../../archive/x/privkey1.pem', at('live/x/privkey.pem'));
});
afterEach(async () => {
  await temporary.remove();
});

const key = () => Buffer.from(openClientFolder(dir).file('live/x/privkey.pem').content).toString();
const refused = (code: string, message: string) => expect.objectContaining({ code, message }) as Error;

describe('the folder of another client', () => {
  it('shows what is in its folders, in order', async () => {
    await writeFile(at('live/README'), '');
    const folder = openClientFolder(dir);
    expect([folder.path, folder.names('live'), folder.names('renewal')]).toEqual([
      dir,
      ['README', 'x'],
      undefined,
    ]);
  });

  it.each([
    [0o600, 'nobody', false],
    [0o640, 'group', false],
    [0o644, 'everybody', false],
    [0o700, 'nobody', true],
  ])(
    'shows a file of mode %o, its readers and whether it can be run',
    async (mode, readers, isExecutable) => {
      await chmod(at('archive/x/privkey1.pem'), mode);
      expect(openClientFolder(dir).file('live/x/privkey.pem')).toEqual({
        content: Buffer.from('key'),
        readers,
        isExecutable,
      });
    },
  );

  it('may be reached by a link, and by absolute links inside', async () => {
    await symlink(dir, join(top, 'link'));
    await symlink(at('archive/x/privkey1.pem'), at('live/x/absolute.pem'));
    expect(openClientFolder(join(top, 'link')).file('live/x/absolute.pem').content).toEqual(
      Buffer.from('key'),
    );
  });

  it('is wrong usage if it is not there', () => {
    expect(() => openClientFolder(join(top, 'none'))).toThrow(
      expect.objectContaining({ code: 'import.not-found', outcome: 'usage' }),
    );
  });
});

describe('refused is', () => {
  it.each([
    ['a link out of it', '../../../outside', `leads out of `],
    ['an absolute link out of it', '/etc/passwd', `leads out of `],
  ])('%s', async (_, target, why) => {
    await writeFile(join(top, 'outside'), 'secret');
    await symlink(target, at('live/x/out.pem'));
    expect(() => openClientFolder(dir).file('live/x/out.pem')).toThrow(
      refused('import.unsafe', `${at('live/x/out.pem')} ${why}${dir}`),
    );
  });

  it('a name that leads out', () => {
    expect(() => openClientFolder(dir).file('../letsencrypt/../../etc/passwd')).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^import\./) as string }),
    );
  });

  it.each([
    ['', 0o775, 'can be written by its group'],
    ['archive', 0o777, 'can be written by others'],
    ['archive/x', 0o1777, 'can be written by others'],
    ['live/x', 0o757, 'can be written by others'],
    ['archive/x/privkey1.pem', 0o666, 'can be written by others'],
  ])('whatever others could have changed: %s with mode %o', async (path, mode, why) => {
    await chmod(at(path), mode);
    const refusal = `${join(dir, path)} ${why}, who could have made up keys and hooks there`;
    expect(key).toThrow(refused('import.unsafe', refusal));
  });

  it('what lies below a folder that others can write to', async () => {
    await chmod(top, 0o777);
    expect(key).toThrow(expect.objectContaining({ code: 'import.unsafe' }));
  });

  it('a link that leads in a circle, a missing file, a folder, a pipe, and a file without end', async () => {
    await symlink('circle.pem', at('live/x/circle.pem'));
    await symlink('../../archive/x/none.pem', at('live/x/dangling.pem'));
    execFileSync('mkfifo', ['-m', '600', at('live/x/pipe.pem')]);
    await writeFile(at('live/x/huge.pem'), Buffer.alloc(256 * 1024 + 1), { mode: 0o600 });
    for (const [name, why] of [
      ['circle.pem', 'ELOOP'],
      ['dangling.pem', 'it is not there'],
      ['none.pem', 'it is not there'],
      ['.', 'it is not a regular file'],
      ['pipe.pem', 'it is not a regular file'],
      ['huge.pem', 'it is larger than 262144 bytes'],
    ] as const)
      expect(() => openClientFolder(dir).file(join('live/x', name))).toThrow(
        refused('import.unreadable', `${at(join('live/x', name))} cannot be read: ${why}`),
      );
  });
});

describe.runIf(isRoot(import.meta.url))('as root, refused is', () => {
  it.each(['', 'live', 'live/x', 'archive/x', 'archive/x/privkey1.pem'])(
    'what another user owns: %s',
    async (path) => {
      await chown(at(path), stranger, stranger);
      expect(key).toThrow(
        refused(
          'import.unsafe',
          `${join(dir, path)} belongs to user ${stranger}, who could have made up keys and hooks there`,
        ),
      );
    },
  );

  it('a link that another user made', async () => {
    await lchown(at('live/x/privkey.pem'), stranger, stranger);
    expect(key).toThrow(expect.objectContaining({ code: 'import.unsafe' }));
  });

  it('a second name for a file of root in a sticky folder', async () => {
    await chmod(at('live/x'), 0o1777);
    await link('/bin/true', at('live/x/hook')).catch(async () => {
      await writeFile(at('live/x/hook'), '');
    });
    expect(() => openClientFolder(dir).file('live/x/hook')).toThrow(
      expect.objectContaining({ code: 'import.unsafe' }),
    );
  });
});
