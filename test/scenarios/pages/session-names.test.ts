/** docs/session-names.md by the letter: a host with a seed, and whoever looks into CloudTrail. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makePageShell, type PageShell } from '../../support/page-shell.ts';
import { blocksOf, readBlocks } from '../../support/pages.ts';
import { type LanacmeResult, runLanacme } from '../../support/run-lanacme.ts';
import { useScene } from '../scene.ts';

const scene = useScene({}, { identity: 'roles-anywhere' });
const page = await readBlocks('session-names.md');

let shell: PageShell;
beforeAll(async () => {
  shell = await makePageShell();
});
afterAll(async () => {
  await shell.remove();
});

const block = (title: string, index: number, language = 'sh'): string =>
  blocksOf(page, title, language)[index]?.text ?? '';

/** With the line of the page as its env file. */
async function credentials(): Promise<LanacmeResult> {
  const config = join(shell.path, 'lanacme.env');
  await writeFile(config, shell.here(block('The host', 0, 'ini')));
  return await runLanacme(['credentials', '--json', '--config', config], { env: scene.host.environment() });
}

/** What `aws` prints of sessions with these names, now. */
function events(...sessionNames: readonly string[]): string {
  const found = sessionNames.map((name) => ({ EventName: 'CreateSession', CloudTrailEvent: event(name) }));
  return JSON.stringify({ Events: found });
}

function event(sessionName: string): string {
  return JSON.stringify({
    eventSource: 'rolesanywhere.amazonaws.com',
    eventName: 'CreateSession',
    eventTime: `${new Date().toISOString().slice(0, 19)}Z`,
    sourceIPAddress: '192.0.2.7',
    requestParameters: { roleSessionName: sessionName },
    responseElements: { credentialSet: [{ sourceIdentity: 'CN=dashboard.lan.example' }] },
  });
}

const verify = async (): Promise<string> => await shell.type(block('Verify', 0));

test('a host names its sessions by a seed that nobody else can read, once the profile allows names', async () => {
  await shell.type(block('The host', 0));
  expect((await stat(join(shell.etc, 'session-seed'))).mode & 0o7777).toBe(0o600);
  const refused = await credentials();
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    errors: [{ code: 'credentials.session-name-refused' }],
  });
  await shell.type(block('The host', 1));
  expect((await shell.toldToAws('update-profile'))('--profile-id')).toBe('ID');
  scene.world.rolesAnywhere.profile.acceptRoleSessionName = true;
  expect(await credentials()).toMatchObject({ code: 0 });
  expect(scene.world.rolesAnywhere.server.requests.at(-1)?.sessionName).toMatch(/^\d{6}$/);
});

test('with the list the session of the host is legit, and one that is named otherwise is not', async () => {
  const seed = (await readFile(join(shell.etc, 'session-seed'), 'utf8')).trim();
  const list = blocksOf(page, 'The list of seeds')[0]?.text ?? '';
  await writeFile(join(shell.path, 'session-seeds'), list.replace(/(?<=dashboard\S+ +)\S+/, seed), {
    mode: 0o600,
  });
  expect(await credentials()).toMatchObject({ code: 0 });
  const name = scene.world.rolesAnywhere.server.requests.at(-1)?.sessionName ?? '';
  await shell.answerOfAws({ 'lookup-events': events(name) });
  expect(await verify()).toMatch(/^legit: dashboard\.lan\.example at \S+ from 192\.0\.2\.7\n$/);

  await shell.answerOfAws({ 'lookup-events': events(name, 'serial') });
  await expect(verify()).rejects.toThrow('session.not-legitimate');
  await shell.answerOfAws({ 'lookup-events': events() });
  expect(await verify()).not.toContain('legit');
  await shell.answerOfAws({});
  await expect(verify()).rejects.toThrow('session.bad-event');
});
