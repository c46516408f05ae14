/** Running other programs: to the end, or until they are told to end. Always ended by their own process id. */
import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program and returns its standard output; throws with its last words if it fails. */
export async function run(
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs = 180_000 }: RunOptions = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd,
      env,
      timeout: timeoutMs,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    throw new Error(`${program} ${args.at(-1) ?? ''}: ${lastWords(error)}`, { cause: error });
  }
}

function lastWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr, code, killed } = error as Error & { stderr?: string; code?: unknown; killed?: boolean };
  if (code === 'ENOENT') return 'not on this machine';
  if (killed === true) return 'took too long';
  const said = (stderr ?? '').trim();
  return said === '' ? error.message : said.split('\n').slice(-4).join('\n');
}

/** Asks a child to end, makes it end after `graceMs`, and returns once it has. */
export async function endChild(child: ChildProcess, graceMs = 3_000): Promise<void> {
  if (child.pid === undefined || hasEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await ended;
  clearTimeout(killing);
}

const withUs = new Set<ChildProcess>();

/** Kills a child if this process ends first. Returns what lets go of it. */
export function killWithUs(child: ChildProcess): () => void {
  // One listener for all: twenty would look like a leak to Node.
  if (withUs.size === 0) process.once('exit', killThem);
  withUs.add(child);
  return () => {
    withUs.delete(child);
    if (withUs.size === 0) process.off('exit', killThem);
  };
}

function killThem(): void {
  for (const child of withUs) child.kill('SIGKILL');
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
