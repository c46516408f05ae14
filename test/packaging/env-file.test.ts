/** The env file that the package brings: nothing is lost if somebody takes all of its comment signs away. */
import { expect, test } from 'vitest';
import { envFile } from '../../packaging/env-file.ts';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { problemsOf } from '../config/made-host.ts';

const text = await envFile();

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
