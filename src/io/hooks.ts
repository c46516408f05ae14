import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout as timer } from 'node:timers/promises';
import { escapeText } from '../core/escape.ts';
import type { HookEnvironment } from '../core/hook-environment.ts';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { HookResult, Hooks, Log } from '../ports.ts';
import { deadline } from './deadline.ts';
import { HookOutput } from './hook-output.ts';
import { type HookUser, hookUser, runAsUser } from './hook-user.ts';
import { nameOfUser, ownUser } from './own-user.ts';
import { endGroup } from './process-group.ts';

export interface ShellHooksOptions {
  readonly timeoutMs: number;
  readonly log: Log;
  /** Whom root has them run as; as whoever runs lanacme if absent. */
  readonly user?: string;
  /** From TERM to KILL. */
  readonly graceMs?: number;
  /** What says that the time is up. */
  readonly deadline?: typeof deadline;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

type Ending =
  | { readonly kind: 'not-started'; readonly cause: unknown }
  | { readonly kind: 'exited'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'stopped' };

/** A program with its arguments, and how it is told of. */
interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly shown: string;
}

/**
 * Runs hooks, each in a session of its own: it and all that it started can be ended together, and Ctrl-C reaches it
 * only by way of us.
 */
export class ShellHooks implements Pick<Hooks, 'run' | 'runFile'> {
  readonly #timeoutMs: number;
  readonly #graceMs: number;
  readonly #log: Log;
  readonly #user: string | undefined;
  readonly #deadline: typeof deadline;

  constructor(options: ShellHooksOptions) {
    const { timeoutMs, log, user, graceMs = 5_000 } = options;
    this.#timeoutMs = timeoutMs;
    this.#deadline = options.deadline ?? deadline;
    this.#graceMs = graceMs;
    this.#log = log;
    this.#user = user;
  }

  async run(command: string, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult> {
    return await this.#run({ path: '/bin/sh', args: ['-c', command], shown: command }, environment, signal);
  }

  async runFile(path: string, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult> {
    return await this.#run({ path, args: [], shown: path }, environment, signal);
  }

  async #run(program: Program, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult> {
    signal.throwIfAborted();
    const user = this.#user === undefined ? undefined : await hookUser(this.#user);
    if (user instanceof LanacmeError) return { kind: 'failed', error: user };
    const child = await startProgram(program, environment, user);
    const output = new HookOutput([child.stdout, child.stderr], this.#log);
    const ending = await this.#endingOf(child, AbortSignal.any([signal, this.#deadline(this.#timeoutMs)]));
    await output.end();
    if (ending.kind === 'stopped') signal.throwIfAborted();
    const failure = this.#failure(ending);
    if (failure === undefined) return { kind: 'succeeded' };
    const { code, what, hint } = failure;
    const message = `the hook "${escapeText(program.shown, 100)}" ${what}`;
    const cause = ending.kind === 'not-started' ? ending.cause : undefined;
    return {
      kind: 'failed',
      error: new LanacmeError(code, message, { hint, cause, details: output.lastLines }),
    };
  }

  async #endingOf(child: Child, stop: AbortSignal): Promise<Ending> {
    const ended = endOf(child);
    const first = await Promise.race([ended, aborted(stop)]);
    if (first.kind !== 'stopped' || child.pid === undefined) return first;
    await endGroup(child.pid, this.#graceMs);
    // A process of another user (a sudo) cannot be ended: it is left behind rather than waited for.
    await Promise.race([ended, timer(1_000, undefined, { ref: false })]);
    child.unref();
    return first;
  }

  #failure(ending: Ending): { code: ErrorCode; what: string; hint: string } | undefined {
    const again = 'it stays owed: the next run of lanacme runs it again';
    if (ending.kind === 'not-started') {
      return {
        code: 'hook.not-started',
        what: 'could not be started',
        hint: `see whether it can be run (its #! line, the file system's noexec); ${again}`,
      };
    }
    if (ending.kind === 'stopped') {
      const what = `did not end within ${this.#timeoutMs / 1000} s and was stopped`;
      return { code: 'hook.timed-out', what, hint: `let it end sooner, or raise --hook-timeout; ${again}` };
    }
    if (ending.code === 0) return undefined;
    const what =
      ending.code === null
        ? `was ended by ${ending.signal ?? 'a signal'}`
        : `failed with exit code ${ending.code}`;
    return { code: 'hook.failed', what, hint: `${adviceOn(ending.code)}; ${again}` };
  }
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A clean environment: what a login has at least, and nothing of ours. */
async function startProgram(
  { path: file, args }: Program,
  environment: HookEnvironment,
  user: HookUser | undefined,
): Promise<Child> {
  // Only now: a run with nothing to do starts no child.
  const { spawn } = await import('node:child_process');
  const [program = file, ...all] = [...(user === undefined ? [] : runAsUser(user)), file, ...args];
  return spawn(program, all, {
    cwd: '/',
    detached: true,
    env: { PATH: path, HOME: user?.home ?? ownUser().entry?.home ?? '/', LANG: 'C.UTF-8', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function endOf(child: Child): Promise<Ending> {
  try {
    await once(child, 'exit');
    return { kind: 'exited', code: child.exitCode, signal: child.signalCode };
  } catch (cause) {
    return { kind: 'not-started', cause };
  }
}

async function aborted(signal: AbortSignal): Promise<Ending> {
  if (!signal.aborted) await once(signal, 'abort');
  return { kind: 'stopped' };
}

function adviceOn(code: number | null): string {
  if (code === 127) return `give the full path of the command: hooks run with PATH=${path}`;
  if (code === 126) return 'make the command executable (chmod +x)';
  return `its last lines are above; mend what they complain about${limits()}`;
}

/** What surprises whoever typed sudo: on a state folder of another user the hooks of a certificate are that user's. */
function limits(): string {
  const user = ownUser();
  if (user.uid === 0) return '';
  const ofRoot = 'the env file (LANACME_DEPLOY_HOOK) or /etc/lanacme/deploy.d/';
  return `; it ran as user ${nameOfUser(user)}: what only root may do belongs into ${ofRoot}`;
}
