/** A Pebble that runs, whatever it runs in: a process of this machine, or a container. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { endChild, hasEnded, killWithUs } from '../support/child-process.ts';

export interface PebbleRun {
  /** As this machine counts; 0 if it could not be started. */
  readonly pid: number;
  /** Everything it has printed. */
  readonly log: readonly string[];
  /** Why it could not be started at all. */
  readonly failure: string | undefined;
  readonly hasEnded: boolean;
  stop(): Promise<void>;
}

/** What runs it with these arguments and variables, and sees the files in `folder` under the same path. */
export type RunPebble = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string,
) => Promise<PebbleRun>;

/** As a child of ours. */
export function runProgram(program: string): RunPebble {
  return async (args, env) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...env } });
    const letGo = killWithUs(child);
    const log: string[] = [];
    let failure: string | undefined;
    child.on('error', (error) => {
      failure = error.message;
    });
    for (const stream of [child.stdout, child.stderr]) keepLines(stream, log);
    return {
      pid: child.pid ?? 0,
      log,
      get failure() {
        return failure;
      },
      get hasEnded() {
        return hasEnded(child);
      },
      async stop() {
        letGo();
        await endChild(child);
      },
    };
  };
}

/** Adds the lines of a stream to `log` as they come. */
export function keepLines(stream: Readable, log: string[]): void {
  createInterface({ input: stream }).on('line', (line) => log.push(line));
}
