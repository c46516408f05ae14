/** Runs of a program with what they took. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withTempFolder } from '../support/temp-folder.ts';

export interface Command {
  /** What is written on the line of the table. */
  readonly what: string;
  /** For Node. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Taken {
  /** The median. */
  readonly milliseconds: number;
  /** The shortest: what it takes when the machine does nothing else. */
  readonly atBest: number;
  readonly megabytes: number;
}

/** So many runs of each command, all in turn, so that what else the machine does befalls all alike. */
export async function measure(commands: readonly Command[], rounds: number): Promise<readonly Taken[]> {
  const times = commands.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, command] of commands.entries()) times[index]?.push(timeOf(command));
  }
  const peaks: number[] = [];
  for (const command of commands) peaks.push(await peakMemory(command));
  return times.map((of, index) => ({
    milliseconds: median(of),
    atBest: Math.min(...of),
    megabytes: peaks[index] ?? NaN,
  }));
}

/** The most memory that a run had at once, in megabytes: asked of the run itself, in a run that is not timed. */
async function peakMemory({ what, args, env }: Command): Promise<number> {
  return await withTempFolder(async (folder) => {
    const file = join(folder, 'peak');
    run({ what, args: [...peakMemoryFlags, ...args], env: { ...env, PEAK_MEMORY_FILE: file } });
    return Number(await readFile(file, 'utf8')) / 1024;
  }, 'bench');
}

/** Flags of Node with which a run writes its peak memory, in kilobytes, to the file of `PEAK_MEMORY_FILE`. */
export const peakMemoryFlags = ['--import', fileURLToPath(new URL('peak-memory.mjs', import.meta.url))];

function timeOf(command: Command): number {
  const started = performance.now();
  run(command);
  return performance.now() - started;
}

function run({ what, args, env }: Command): void {
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8', ...env },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${what} ended with ${String(status)}:\n${stderr}`);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
