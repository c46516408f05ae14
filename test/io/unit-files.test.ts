import { chmod, lstat, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, test } from 'vitest';
import { asLanacmeErrors } from '../../src/errors.ts';
import { programDistrust } from '../../src/io/installed-program.ts';
import { systemManager } from '../../src/io/system-manager.ts';
import { makeUnitFiles } from '../../src/io/unit-files.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
const at = (path: string): string => join(folder.path, path);
const signal = new AbortController().signal;

beforeEach(async () => {
  folder = await makeTempFolder('units');
});
afterEach(async () => {
  await folder.remove();
});

test('a unit is written with its mode, whatever the umask, in folders that everybody may enter', async () => {
  const files = makeUnitFiles(0o755);
  const umask = process.umask(0o077);
  try {
    await files.write({ path: at('etc/systemd/system/x.timer'), text: '[Timer]\n', mode: 0o644 });
  } finally {
    process.umask(umask);
  }
  expect(files.read(at('etc/systemd/system/x.timer'))).toBe('[Timer]\n');
  expect((await lstat(at('etc/systemd/system/x.timer'))).mode & 0o777).toBe(0o644);
  expect((await lstat(at('etc/systemd'))).mode & 0o777).toBe(0o755);
});

test('a unit that is masked, or a link to elsewhere, is not followed', async () => {
  const files = makeUnitFiles(0o755);
  await writeFile(at('elsewhere'), 'mine');
  await symlink(at('elsewhere'), at('x.timer'));
  const failures: readonly (() => Promise<unknown>)[] = [
    async () => await Promise.resolve(files.read(at('x.timer'))),
    async () => {
      await files.write({ path: at('x.timer'), text: '', mode: 0o644 });
    },
  ];
  for (const fail of failures) {
    const [error] = asLanacmeErrors(
      await Promise.resolve()
        .then(fail)
        .catch((thrown: unknown) => thrown),
    );
    expect(error?.code).toBe('state.unsafe');
    expect(error?.hint).toContain('lanacme systemd');
  }
  expect(await readFile(at('elsewhere'), 'utf8')).toBe('mine');
});

test('what is removed is gone, and what is not there is no failure', async () => {
  const files = makeUnitFiles(0o755);
  await writeFile(at('x.timer'), '');
  await files.remove(at('x.timer'));
  await files.remove(at('x.timer'));
  expect(files.read(at('x.timer'))).toBeUndefined();
});

it.each<[string, string, number, string | undefined]>([
  ['as it is installed', 'dist/chunks/main.js', 0o644, undefined],
  ['with a chunk that everybody may write', 'dist/chunks/main.js', 0o666, 'can be written by others'],
  ['with a folder of chunks that the group may write', 'dist/chunks', 0o775, 'can be written by its group'],
  ['below a folder that everybody may write', '.', 0o777, 'can be written by others'],
  ['with a unit that everybody may write', 'dist/systemd/x.service', 0o666, 'can be written by others'],
])('a program %s', async (_title, path, mode, problem) => {
  for (const each of ['dist', 'dist/chunks', 'dist/systemd']) await mkdir(at(each), { mode: 0o755 });
  for (const each of ['dist/lanacme.js', 'dist/chunks/main.js', 'dist/systemd/x.service'])
    await writeFile(at(each), '', { mode: 0o644 });
  await chmod(at(path), mode);
  const distrust = programDistrust({ node: at('dist/lanacme.js'), script: at('dist/lanacme.js') });
  expect(distrust).toEqual(
    problem === undefined ? undefined : { path: at(path).replace(/\/\.$/, ''), problem },
  );
});

test('a command that fails is told with what it said; one that is not here, with what to do without', async () => {
  const failureOf = async (...command: readonly [string, ...string[]]) =>
    asLanacmeErrors(await systemManager.run(command, signal).catch((error: unknown) => error))[0];
  await systemManager.run(['true'], signal);
  expect(await failureOf('sh', '-c', 'echo one; echo two >&2; exit 3')).toMatchObject({
    code: 'systemd.command-failed',
    details: ['two'],
  });
  await writeFile(at('no-program'), '', { mode: 0o644 });
  for (const command of ['no-such-systemctl', at('no-program')])
    expect((await failureOf(command))?.hint).toContain('this host does not run systemd');
});
