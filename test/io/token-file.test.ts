import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemRandom } from '../../src/io/random.ts';
import { readOrMakeToken, readToken } from '../../src/io/token-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanacme-token-'));
  file = join(folder, 'token');
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

test('a token that is missing is made: 256 bits, for its owner alone, without a line break', async () => {
  const { text } = await readOrMakeToken(file, {}, systemRandom);
  expect(text).toMatch(/^[0-9a-f]{64}$/);
  expect(await readFile(file, 'utf8')).toBe(text);
  expect((await stat(file)).mode & 0o7777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['token']);
});

test('the token that is there stays, whoever asks at once', async () => {
  const made = await Promise.all(
    Array.from({ length: 10 }, async () => (await readOrMakeToken(file, {}, systemRandom)).text),
  );
  expect(new Set(made).size).toBe(1);
});

test.each([
  ['', false],
  ['\n', true],
  ['\r\n', true],
])(
  'a line break at its end, as an editor leaves it, is no part of the token, and is noted: %j',
  async (end, hasLineBreak) => {
    await writeFile(file, `0123456789abcdef${end}`, { mode: 0o600 });
    const token = { text: '0123456789abcdef', file, hasLineBreak };
    expect(await readOrMakeToken(file, {}, systemRandom)).toEqual(token);
    expect(await readToken(file, {})).toEqual(token);
  },
);

test('a token that is gone is not made by who only reads it', async () => {
  await expect(readToken(file, {})).rejects.toMatchObject({ code: 'credentials.file-unreadable' });
  expect(await readdir(folder)).toEqual([]);
});

describe('refused, and left as it is, is', () => {
  test.each([
    ['an empty file', ''],
    ['a short word', 'secret'],
    ['two lines', '0123456789abcdef\n0123456789abcdef\n'],
    ['a space', '0123456789 abcdef'],
    ['what cannot stand in a header', '0123456789abcdeſ'],
  ])('%s', async (_what, text) => {
    await writeFile(file, text, { mode: 0o600 });
    const failure = { code: 'endpoint.token-unusable', message: `${file} holds no token` };
    await expect(readOrMakeToken(file, {}, systemRandom)).rejects.toMatchObject(failure);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('an empty credential of systemd, of which a new file would make no other', async () => {
    await writeFile(file, '', { mode: 0o600 });
    await expect(
      readOrMakeToken('credential:token', { credentialsDirectory: folder }, systemRandom),
    ).rejects.toMatchObject({
      code: 'endpoint.token-unusable',
      hint: expect.stringContaining('write one into the file that LoadCredential= names') as string,
    });
  });

  test('a file that a group can read', async () => {
    await writeFile(file, '0123456789abcdef');
    await chmod(file, 0o640);
    const failure = { code: 'credentials.key-exposed' };
    await expect(readOrMakeToken(file, {}, systemRandom)).rejects.toMatchObject(failure);
  });

  test('a link that leads nowhere', async () => {
    await symlink(join(folder, 'elsewhere'), file);
    await expect(readOrMakeToken(file, {}, systemRandom)).rejects.toThrow(file);
    expect(await readdir(folder)).toEqual(['token']);
  });

  test('a folder that is not there', async () => {
    const hint = expect.stringContaining('--token-file') as string;
    const failure = { code: 'state.unwritable', hint };
    await expect(readOrMakeToken(join(folder, 'x/token'), {}, systemRandom)).rejects.toMatchObject(failure);
  });

  test("a credential of systemd's that is not there: lanacme never makes one", async () => {
    const source = { credentialsDirectory: folder };
    const failure = { code: 'credentials.file-unreadable' };
    await expect(readOrMakeToken('credential:token', source, systemRandom)).rejects.toMatchObject(failure);
    expect(await readdir(folder)).toEqual([]);
  });
});
