/** Runs the built program as a person or a timer would: a process of its own with a clean environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { killWithUs } from './child-process.ts';

/** What `npm run build` makes; tests in test/scenarios have it built for themselves (`build-once`). */
export const program =
  process.env['TEST_PROGRAM'] ?? fileURLToPath(new URL('../../dist/lanacme.js', import.meta.url));
export const distFolder = dirname(program);

export interface LanacmeOptions {
  /** Besides PATH, a HOME that does not exist, and a plain locale. Nothing of our own environment is handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another Node than ours. */
  readonly node?: string;
  /** A copy of the built program, kept elsewhere. */
  readonly program?: string;
  /** Flags of Node itself. */
  readonly nodeArgs?: readonly string[];
  /** After this long it hangs: it is killed and the test fails. Default 120 s. */
  readonly limitMs?: number;
}

export interface LanacmeResult {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningLanacme {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once standard error has this text; rejects if the program ends without it. */
  says(text: string): Promise<void>;
  readonly ended: Promise<LanacmeResult>;
}

export async function runLanacme(
  args: readonly string[],
  options: LanacmeOptions = {},
): Promise<LanacmeResult> {
  return await startLanacme(args, options).ended;
}

/** For tests that do something to it while it runs. */
export function startLanacme(args: readonly string[], options: LanacmeOptions = {}): RunningLanacme {
  const { env, cwd = tmpdir(), node = process.execPath, nodeArgs = [], limitMs = 120_000 } = options;
  const child = spawn(node, [...nodeArgs, options.program ?? program, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8', TZ: 'UTC', ...env },
  });
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      for (const look of waiting) look();
    });
  }
  const ended = resultOf(child, said, limitMs);
  // A test that fails first never looks at it.
  ended.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    kill(signal) {
      child.kill(signal);
    },
    async says(text) {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (!said.stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        ended.then(
          () => {
            reject(new Error(`lanacme ended without saying "${text}":\n${said.stderr}`));
          },
          (error: unknown) => {
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      });
    },
    ended,
  };
}

async function resultOf(
  child: ChildProcess,
  said: { readonly stdout: string; readonly stderr: string },
  limitMs: number,
): Promise<LanacmeResult> {
  const letGo = killWithUs(child);
  const limit = { isReached: false };
  const timer = setTimeout(() => {
    limit.isReached = true;
    child.kill('SIGKILL');
    // Whatever it has started may hold its outputs open.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, limitMs);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (limit.isReached) throw new Error(`lanacme did not end in ${limitMs / 1000} s:\n${said.stderr}`);
    return { code, signal, ...said };
  } finally {
    clearTimeout(timer);
    letGo();
  }
}
