/** A run that nothing can wake any more: Node ends it there and then, with 0. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { programForAll } from '../support/as-root.ts';
import { runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.stop();
});

/** With it, no sleep keeps the program alive. */
const sleepless = `data:text/javascript,${encodeURIComponent(`
  import timers from 'node:timers/promises';
  const sleep = timers.setTimeout;
  timers.setTimeout = (milliseconds, value, options) => sleep(milliseconds, value, { ...options, ref: false });
`)}`;

test('it fails, and says that this is not how it should be', async () => {
  // Nothing but the wait for INSYNC is left then: connections are let go.
  const env = world.host.environment({ LANACME_LOG_FORMAT: 'pretty' });
  world.store.delayMs = 600_000;
  const result = await runLanacme(['issue', '--domain', 'nas.lan.example'], {
    env,
    nodeArgs: ['--import', sleepless],
  });
  expect([result.code, result.stdout]).toEqual([1, '']);
  expect(result.stderr).toContain('lanacme: the run ended before its work was done (internal.bug)');
});

test('whose program was replaced or removed meanwhile, it says that', async () => {
  const program = await programForAll(await mkdtemp(join(world.folder, 'program-')));
  const chunks = join(dirname(program), 'chunks');
  for (const file of await readdir(chunks)) if (file.endsWith('.mjs')) await rm(join(chunks, file));
  const env = world.host.environment({ LANACME_LOG_FORMAT: 'pretty' });
  const result = await runLanacme(['cleanup'], { env, program });
  expect(result.code).toBe(1);
  expect(result.stderr).toMatch(
    /^lanacme: a part of lanacme is not there any more: .*\/chunks\/\S+\.mjs.* \(run\.program-replaced\)$/m,
  );
  expect(result.stderr).not.toContain('bug');
});

test('credentials that did not come are not none that came', async () => {
  // Nothing but the wait before the next try is left then.
  world.credentials.faults.add({ kind: 'refuse', status: 503 }, { times: Infinity });
  const result = await runLanacme(['credentials', '--log-format', 'pretty'], {
    env: world.host.environment(),
    nodeArgs: ['--import', sleepless],
  });
  expect([result.code, result.stdout]).toEqual([1, '']);
  expect(result.stderr).toContain('(internal.bug)');
});
