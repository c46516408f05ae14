/** The env file that the package brings: nothing is lost if somebody takes all of its comment signs away. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { problemsOf } from '../config/made-host.ts';

const text = await readFile(new URL('../../packaging/debian/lanacme.env', import.meta.url), 'utf8');

test('as it comes, it only says where the state folder is', () => {
  const { lines, problems } = parseEnvFile(text, '/f');
  expect(problems).toEqual([]);
  expect(lines.map(({ name, text: value }) => [name, value])).toEqual([
    ['LANACME_STATE_DIR', '/var/lib/lanacme'],
  ]);
});

test('filled in, it is all that an issue and a renew need', async () => {
  const files = { '/f': text.replaceAll(/^#(?=LANACME_)/gm, '') };
  expect(await problemsOf('issue', { config: '/f', domain: 'nas.lan.example' }, { files })).toEqual([]);
  expect(await problemsOf('renew', { config: '/f' }, { files })).toEqual([]);
});
