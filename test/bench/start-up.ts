/** Start-up against a bare Node: what a timer pays every hour when there is nothing to do. */
import { link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../support/run-lanacme.ts';
import type { Host } from '../world/world-host.ts';
import { type Command, measure } from './measure.ts';
import { type Row, verdict } from './table.ts';

/** Times of a bare Node: of `--version`, and of a run with nothing to do. */
const budgets = { version: 1.6, idle: 2, idleWithMany: 2.5 } as const;
const many = 1_000;
const manyWords = many.toLocaleString('en');

/** `host` has one certificate, `name`. */
export async function benchStartUp(host: Host, name: string, rounds: number): Promise<readonly Row[]> {
  const thousand = join(host.stateDir, '..', 'thousand');
  await multiply(host.stateDir, name, thousand);
  const env = host.environment();
  const lanacme = (what: string, args: readonly string[], stateDir = host.stateDir): Command => ({
    what: `lanacme ${what}`,
    args: [program, ...args],
    // As a timer of systemd runs it.
    env: { ...env, LANACME_STATE_DIR: stateDir, LANACME_LOG_FORMAT: 'journal' },
  });
  const measured: readonly (readonly [Command, budget: number | undefined])[] = [
    [{ what: 'node -e 0', args: ['-e', '0'], env: {} }, undefined],
    [lanacme('--version', ['--version']), budgets.version],
    [lanacme('status, 1 certificate', ['status']), budgets.idle],
    [lanacme(`status, ${manyWords} certificates`, ['status'], thousand), undefined],
    [lanacme('issue, a good certificate there', ['issue', '--domain', name]), budgets.idle],
    [lanacme('renew, nothing due, 1 certificate', ['renew']), budgets.idle],
    [lanacme(`renew, nothing due, ${manyWords} certificates`, ['renew'], thousand), budgets.idleWithMany],
  ];
  const taken = await measure(
    measured.map(([command]) => command),
    rounds,
  );
  const [bare] = taken;
  return measured.flatMap(([{ what }, budget], index) => {
    const its = taken[index];
    if (its === undefined || bare === undefined) return [];
    const times = its.milliseconds / bare.milliseconds;
    return [
      [
        what,
        `${its.milliseconds.toFixed(0)} ms`,
        `${times.toFixed(2)}x`,
        `${(its.atBest / bare.atBest).toFixed(2)}x`,
        `${its.megabytes.toFixed(0)} MB`,
        budget === undefined ? '' : verdict(`at most ${budget}x`, times <= budget),
      ],
    ];
  });
}

/** A state folder with the one certificate of another under a thousand names. */
async function multiply(from: string, name: string, to: string): Promise<void> {
  const record = JSON.parse(await readFile(join(from, 'certificates', `${name}.json`), 'utf8')) as object;
  for (const folder of ['certificates', 'archive', 'live', 'journal']) {
    await mkdir(join(to, folder), { recursive: true, mode: 0o700 });
  }
  for (let index = 1; index <= many; index += 1) {
    const copy = `host-${index}.lan.example`;
    const [version, its] = [join(from, 'archive', name, '0001'), join(to, 'archive', copy, '0001')];
    await mkdir(its, { recursive: true, mode: 0o700 });
    // Links, since a copy has another time, and files with another time are read and checked again.
    for (const file of await readdir(version)) await link(join(version, file), join(its, file));
    await symlink(`../archive/${copy}/0001`, join(to, 'live', copy));
    const renamed = JSON.stringify({ ...record, name: copy });
    await writeFile(join(to, 'certificates', `${copy}.json`), renamed, { mode: 0o600 });
  }
}
