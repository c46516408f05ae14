import { chown, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readJsonFile, readSmallFile } from '../../src/io/small-file.ts';
import { isRoot, stranger } from '../support/as-root.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

let folder: TempFolder;
let file: string;
beforeEach(async () => {
  folder = await makeTempFolder('small-file');
  file = join(folder.path, 'a.json');
  await writeFile(file, '{"a":1}');
});
afterEach(async () => {
  await folder.remove();
});

describe('a JSON file', () => {
  it('is read', () => {
    expect(readJsonFile(file)).toEqual({ a: 1 });
    expect(readJsonFile(`${file}-none`)).toBeUndefined();
  });

  it.runIf(isRoot(import.meta.url))(
    'of another user is not believed: its hooks would run as root',
    async () => {
      await chown(file, stranger, stranger);
      expect(() => readJsonFile(file)).toThrow(`${file} belongs to user ${stranger}`);
      // What is only handed on is judged by whoever uses it.
      expect(readSmallFile(file)).toBe('{"a":1}');
    },
  );
});
