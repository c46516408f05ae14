import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hostHooks } from '../../src/io/host-hooks.ts';
import { isRoot, stranger } from '../support/as-root.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
let envFile: string;

beforeEach(async () => {
  folder = await makeTempFolder('host-hooks');
  envFile = join(folder.path, 'lanacme.env');
  await writeFile(envFile, '', { mode: 0o600 });
});
afterEach(async () => {
  await folder.remove();
});

function refusal(path = envFile): string | undefined {
  const [hook] = hostHooks({ commands: ['reload'], envFile: path, folder: join(folder.path, 'none') });
  return hook?.refusal?.message;
}

test('hooks of an env file that nobody else can change are run, also below a sticky folder', () => {
  expect(refusal()).toBeUndefined();
});

test('hooks of an env file that others can write are not', async () => {
  await chmod(envFile, 0o602);
  expect(refusal()).toContain(`${envFile} are not run: it can be written by others`);
});

describe.runIf(isRoot(import.meta.url))('root', () => {
  test('runs none either if others can write a folder above it, links followed', async () => {
    const open = join(folder.path, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    await mkdir(join(open, 'closed'));
    await writeFile(join(open, 'closed', 'env'), '');
    const link = join(folder.path, 'link');
    await symlink(join(open, 'closed', 'env'), link);
    for (const path of [join(open, 'closed', 'env'), link]) {
      expect(refusal(path)).toContain(`${open} can be written by others`);
    }
    await chmod(open, 0o1777);
    expect(refusal(link)).toBeUndefined();
  });

  test('runs none if the file is of another user', async () => {
    await chown(envFile, stranger, stranger);
    expect(refusal()).toContain(`it belongs to user ${stranger}`);
  });
});
