import { type CommandHandlers, runCommandLine } from '../../src/cli/command-line.ts';
import { run } from '../../src/cli/program.ts';
import type { Config } from '../../src/config/config.ts';
import { makeLog } from '../../src/io/log.ts';
import type { Clock } from '../../src/ports.ts';
import { madeHost, type Situation } from '../config/made-host.ts';

export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What the handlers were called with. */
  readonly configs: readonly Config[];
}

const clock = { now: () => new Date('2026-11-22T10:00:00Z') } as Clock;

/** Runs a command line with the real frame and log; commands not given succeed silently. */
export async function runInProcess(
  argv: readonly string[],
  situation: Situation & { readonly columns?: number } = {},
  handlers: Partial<CommandHandlers> = {},
): Promise<Run> {
  const configs: Config[] = [];
  const written = { stdout: '', stderr: '' };
  const into = (stream: keyof typeof written) => ({
    write: (text: string) => {
      written[stream] += text;
    },
  });
  const note = async (config: Config) => {
    configs.push(config);
    return await Promise.resolve({ text: '', certificates: [], failures: [] });
  };
  const stdout = { ...into('stdout'), columns: situation.columns };
  const code = await run(argv, {
    version: '1.2.3',
    stdout,
    runCommandLine: async (commandLine) =>
      await runCommandLine(commandLine, {
        host: madeHost(situation),
        stdout,
        makeLog: (config) => makeLog({ ...config, stream: into('stderr'), clock }),
        becomeOwner: async () => {
          await Promise.resolve();
          return undefined;
        },
        handlers: {
          issue: note,
          renew: note,
          status: note,
          cleanup: note,
          deploy: note,
          rollback: note,
          revoke: note,
          delete: note,
          import: note,
          systemd: note,
          'verify-session': note,
          credentials: note,
          ...handlers,
        },
        signal: new AbortController().signal,
      }),
  });
  return { code, ...written, configs };
}
