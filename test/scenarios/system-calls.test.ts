/** In which order the built program asks the kernel: what has to be on the disk before what, as strace sees it. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/child-process.ts';
import { runLanacme } from '../support/run-lanacme.ts';
import { parseTrace, type SystemCall } from '../support/system-calls.ts';
import { startWorld, type World } from '../world/world.ts';

const name = 'lan.example';
let world: World;
let steps: readonly string[];

/** What changes the disk, and what goes over a wire. */
const traced = [
  ...['openat', 'mkdir', 'fsync', 'fdatasync', 'rename', 'renameat', 'renameat2', 'link', 'linkat'],
  ...['symlink', 'symlinkat', 'unlink', 'unlinkat', 'rmdir'],
  ...['write', 'writev', 'sendto', 'sendmsg', 'read', 'readv', 'recvfrom', 'recvmsg'],
];

beforeAll(async () => {
  await run('strace', ['--version']).catch((error: unknown) => {
    throw new Error('this test needs strace: sudo apt install strace', { cause: error });
  });
  world = await startWorld({ pendingMs: 50, route53: { rateLimit: 'none' } });
  const issue = ['issue', '--domain', '*.lan.example', '--domain', name];
  expect(await runLanacme(issue, { env: world.host.environment() })).toMatchObject({ code: 0 });
  const file = join(world.folder, 'trace');
  const strace = ['-f', '-yy', '-s', '4096', '-e', `trace=${traced.join()}`, '-o', file, process.execPath];
  const env = world.host.environment();
  const result = await runLanacme([...issue, '--force'], { node: 'strace', nodeArgs: strace, env });
  expect(result, result.stderr).toMatchObject({ code: 0 });
  steps = stepsOf(await readFile(file, 'utf8'));
});
afterAll(async () => {
  await world.stop();
});

/** The part that ends with the first step of this kind, from the last of the other kind before it. */
function between(first: string, last: string): readonly string[] {
  const to = steps.indexOf(last);
  return steps.slice(steps.lastIndexOf(first, to), to + 1);
}

test('the journal entry and its name are on the disk before the first byte of the change is sent', () => {
  expect(between('create journal/TMP', 'send CREATE')).toEqual([
    'create journal/TMP',
    'fsync journal/TMP',
    'rename journal/ID.json',
    'fsync journal',
    'send CREATE',
  ]);
});

test('the journal entry goes after Route 53 has accepted the removal', () => {
  // The CA issues at the same time: what the order and the new version write may come in between.
  const removal = between('send DELETE', 'unlink journal/ID.json').filter(
    (step) => /^(send|answer) /.test(step) || isIn(step, 'journal'),
  );
  expect(removal).toEqual(['send DELETE', 'answer 200', 'unlink journal/ID.json']);
});

test('a version is on the disk, then its name, then the flip', () => {
  const folder = `archive/${name}`;
  const files = ['privkey', 'cert', 'chain', 'fullchain'].map((part) => `${folder}/TMP/${part}.pem`);
  const install = between(`mkdir ${folder}/TMP`, 'fsync live');
  expect(install.filter((step) => isIn(step, folder) || isIn(step, 'live'))).toEqual([
    `mkdir ${folder}/TMP`,
    ...files.flatMap((file) => [`create ${file}`, `fsync ${file}`]),
    `fsync ${folder}/TMP`,
    `rename ${folder}/0002`,
    `fsync ${folder}`,
    'symlink live/TMP',
    `rename live/${name}`,
    'fsync live',
  ]);
});

test('every file that gets a name was on the disk before', () => {
  for (const [index, step] of steps.entries()) {
    const [what, path = ''] = step.split(' ');
    if (what !== 'rename' || path === `live/${name}`) continue;
    const folder = path.slice(0, path.lastIndexOf('/'));
    const before = steps.slice(0, index).findLast((other) => isIn(other, folder));
    const after = steps.slice(index + 1).find((other) => isIn(other, folder));
    expect([before, step, after]).toEqual([`fsync ${folder}/TMP`, step, `fsync ${folder}`]);
  }
});

/** Whether a step is about this folder: the zone is cleaned up, with its own files, while the order goes on. */
function isIn(step: string, folder: string): boolean {
  const [, path = ''] = step.split(' ');
  return path === folder || path.startsWith(`${folder}/`);
}

/** What was done below the state folder, and said to and by Route 53, in words that are the same in every run. */
function stepsOf(trace: string): readonly string[] {
  const route53 = `->${new URL(world.route53.url).host}]`;
  const exchange = new Route53Exchange();
  const placed = parseTrace(trace).flatMap((call) => {
    if (call.failed || call.target === undefined) return [];
    if (call.target.endsWith(route53)) {
      const step = exchange.step(call);
      // What was sent was on its way when the call began; whatever else was done was so when the call had ended.
      return step === undefined ? [] : [{ step, at: step.startsWith('send') ? call.began : call.ended }];
    }
    const step = diskStep(call);
    return step === undefined ? [] : [{ step, at: call.ended }];
  });
  return placed.sort((one, other) => one.at - other.at).map(({ step }) => step);
}

function diskStep({ name: what, target = '', text }: SystemCall): string | undefined {
  const path = relative(world.host.stateDir, target);
  if (path === '' || path.startsWith('..')) return undefined;
  const where = path
    .replace(/\.tmp~[0-9a-f]+~[0-9]+/, 'TMP')
    .replace(/^journal\/[0-9a-f]+\.json$/, 'journal/ID.json');
  if (what === 'openat') return text.includes('O_CREAT') ? `create ${where}` : undefined;
  return ['mkdir', 'fsync', 'rename', 'link', 'symlink', 'unlink'].includes(what)
    ? `${what} ${where}`
    : undefined;
}

/** Tells changes and their answers from the polls between them. */
class Route53Exchange {
  #isChange = false;

  step({ name: what, strings }: SystemCall): string | undefined {
    const said = strings.join('');
    if (what.startsWith('write') || what.startsWith('send')) return this.#sent(said);
    const status = /^HTTP\/1\.1 (\d{3})/.exec(said)?.[1];
    return this.#isChange && status !== undefined ? `answer ${status}` : undefined;
  }

  #sent(said: string): string | undefined {
    if (!/^(GET|POST) /.test(said)) return undefined;
    this.#isChange = said.startsWith('POST ');
    const actions = [...said.matchAll(/<Action>(\w+)<\/Action>/g)].map(([, action]) => action);
    return this.#isChange ? `send ${[...new Set(actions)].join()}` : undefined;
  }
}
