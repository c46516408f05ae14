import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src', import.meta.url));

it('the program knows no action that replaces what it has not read', async () => {
  const files = (await readdir(source, { recursive: true })).filter((path) => path.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(100);
  const texts = await Promise.all(files.map(async (path) => await readFile(join(source, path), 'utf8')));
  expect(files.filter((_, index) => /upsert/i.test(texts[index] ?? ''))).toEqual([]);
});
