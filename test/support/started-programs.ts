/** Every program that a run starts, its arguments and its environment, as strace sees them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './child-process.ts';
import { type LanacmeOptions, type LanacmeResult, program, runLanacme } from './run-lanacme.ts';
import { parseTrace } from './system-calls.ts';
import { withTempFolder } from './temp-folder.ts';

export interface StartedProgram {
  /** Arguments, then environment. */
  readonly words: readonly string[];
}

/** What is started by lanacme and by whatever that starts; lanacme itself, which was given its environment, is not in it. */
export async function startedPrograms(
  args: readonly string[],
  options: LanacmeOptions,
): Promise<{ readonly result: LanacmeResult; readonly started: readonly StartedProgram[] }> {
  await run('strace', ['--version']).catch((error: unknown) => {
    throw new Error('this test needs strace: sudo apt install strace', { cause: error });
  });
  return await withTempFolder(async (folder) => {
    const file = join(folder, 'trace');
    // Whole words, and the environment itself instead of its length.
    const strace = ['-f', '-v', '-s', '100000', '-e', 'trace=execve', '-o', file, process.execPath];
    const nodeArgs = [...strace, ...(options.nodeArgs ?? [])];
    const result = await runLanacme(args, { ...options, node: 'strace', nodeArgs });
    const own = options.program ?? program;
    const started = parseTrace(await readFile(file, 'utf8'))
      .filter(({ name, failed }) => name === 'execve' && !failed)
      .map(({ strings }) => ({ words: strings }))
      .filter(({ words }) => words[words.indexOf(own) + 1] !== args[0]);
    return { result, started };
  }, 'strace');
}
