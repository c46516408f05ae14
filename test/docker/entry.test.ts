/** What the image starts, with a lanacme and a sleep that note what they are told. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { killWithUs } from '../support/child-process.ts';
import { poll } from '../support/poll.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const entry = fileURLToPath(new URL('../../docker/lanacme-container.sh', import.meta.url));
const letGo: (() => void)[] = [];
let folder: TempFolder;

beforeEach(async () => {
  folder = await makeTempFolder('entry');
  await script('lanacme', '');
  await script('sleep', 'exec /bin/sleep 600');
});
afterEach(async () => {
  for (const each of letGo.splice(0)) each();
  await folder.remove();
});

/** A program that notes its call, and then does this. */
async function script(name: string, then: string): Promise<void> {
  const file = join(folder.path, name);
  const note = `echo "${name} $*" >> '${folder.path}/calls'; calls=$(wc -l < '${folder.path}/calls')`;
  await writeFile(file, `#!/bin/sh\n${note}\n${then}\n`);
  await chmod(file, 0o755);
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

function start(env: Readonly<Record<string, string>> = {}, ...args: readonly string[]): Running {
  const child = spawn('/bin/sh', [entry, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: `${folder.path}:/usr/bin:/bin`, ...env },
  });
  letGo.push(killWithUs(child));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code]: (number | null)[]) => ({ code: code ?? null, stderr }));
  return { child, ended };
}

async function calls(): Promise<readonly string[]> {
  const text = await readFile(join(folder.path, 'calls'), 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1);
}

async function untilCalls(count: number): Promise<readonly string[]> {
  let made: readonly string[] = [];
  const areMade = async (): Promise<boolean> => {
    made = await calls();
    return made.length >= count;
  };
  if (await poll(areMade, 20_000)) return made;
  throw new Error(`only ${made.join(', ')}`);
}

const first = { LANACME_DOMAIN: 'nas.lan.example' };

test('the first certificate, and from then on one renew for each pause', async () => {
  await script('sleep', '[ $calls -gt 6 ] && exec /bin/sleep 600');
  const { child, ended } = start(first);
  const made = await untilCalls(7);
  expect(made.map((call) => call.replace(/\d+/, 'N'))).toEqual([
    ...['lanacme issue', 'lanacme renew', 'sleep N'],
    ...['lanacme renew', 'sleep N', 'lanacme renew', 'sleep N'],
  ]);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});

test('without a domain it renews what is there', async () => {
  const { child, ended } = start();
  expect(await untilCalls(2)).toEqual(['lanacme renew', expect.stringMatching(/^sleep \d+$/)]);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});

test.each([
  ['an hour', undefined, 3600],
  ['what it is told', '600', 600],
])('the pause is %s, ten in a hundred more or less', async (_, interval, seconds) => {
  const { child, ended } = start(interval === undefined ? {} : { RENEW_INTERVAL: interval });
  const [, pause = ''] = await untilCalls(2);
  const pauseSeconds = Number(pause.replace('sleep ', ''));
  expect(pauseSeconds).toBeGreaterThanOrEqual(seconds * 0.9 - 1);
  expect(pauseSeconds).toBeLessThanOrEqual(seconds * 1.1);
  child.kill('SIGTERM');
  await ended;
});

test('a first certificate that cannot be had is tried again, ever more seldom, and the others are renewed meanwhile', async () => {
  await script('lanacme', '[ "$1" = renew ] || exit $((calls < 10 ? 1 : 75))');
  await script('sleep', '[ $calls -gt 17 ] && exec /bin/sleep 600');
  const { child, ended } = start({ ...first, RENEW_INTERVAL: '100' });
  const made = await untilCalls(18);
  expect(made.filter((call) => call.startsWith('sleep'))).toEqual(
    [5, 10, 20, 40, 80, 100].map((seconds) => `sleep ${seconds}`),
  );
  expect(made.filter((call) => call === 'lanacme issue')).toHaveLength(6);
  expect(made.filter((call) => call === 'lanacme renew')).toHaveLength(6);
  child.kill('SIGTERM');
  await ended;
});

test('a wrong configuration ends the container, for somebody to see', async () => {
  await script('lanacme', 'exit 2');
  expect(await start(first).ended).toMatchObject({ code: 2 });
  expect(await calls()).toEqual(['lanacme issue']);
});

test.each(['often', '0', '-5', '1.5'])('an interval of %j is refused', async (interval) => {
  expect(await start({ RENEW_INTERVAL: interval }).ended).toEqual({
    code: 2,
    stderr: `lanacme-container: RENEW_INTERVAL is '${interval}', which is not a number of seconds\n`,
  });
});

test('a renew that fails ends nothing', async () => {
  await script('lanacme', 'exit 1');
  const { child, ended } = start();
  await untilCalls(2);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s has the run of lanacme clean up, and is told it once',
  async (signal) => {
    const trap = `trap 'echo cleaned >> "${folder.path}/calls"; exit 143' TERM INT HUP`;
    await script(
      'lanacme',
      `${trap}; echo begun >> '${folder.path}/calls'; while :; do /bin/sleep 0.05; done`,
    );
    const { child, ended } = start(first);
    await untilCalls(2);
    child.kill(signal);
    expect(await ended).toMatchObject({ code: 0 });
    expect(await calls()).toEqual(['lanacme issue', 'begun', 'cleaned']);
  },
);

test('with arguments it is that command, with its exit code', async () => {
  await script('lanacme', 'exit 75');
  expect(await start(first, 'issue', '--domain', 'a b').ended).toMatchObject({ code: 75 });
  expect(await calls()).toEqual(['lanacme issue --domain a b']);
});

test('a command that is stopped ends by that signal, as far as process 1 can tell', async () => {
  await script('lanacme', 'exec /bin/sleep 600');
  const { child, ended } = start({}, 'issue');
  await untilCalls(1);
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 143 });
});
