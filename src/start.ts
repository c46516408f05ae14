/**
 * The commands with what they work on. All of it is loaded in one piece: a run with nothing to do spends more on one
 * more file than on the code in it. What talks to AWS and to the CA is not here: see `wire.ts`.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cleanupCommand } from './cli/cleanup.ts';
import { type CommandLineDeps, runCommandLine } from './cli/command-line.ts';
import { issueCommand } from './cli/issue.ts';
import { statusCommand } from './cli/status.ts';
import { becomeOwner } from './io/become-owner.ts';
import { systemClock } from './io/clock.ts';
import { makeLog } from './io/log.ts';
import { wireCleanup, wireIssue, wireStatus } from './wire.ts';

export async function start(
  argv: readonly string[],
  outside: Pick<CommandLineDeps, 'stdout' | 'signal'>,
): Promise<number> {
  return await runCommandLine(argv, {
    ...outside,
    host: {
      environment: process.env,
      uid: process.getuid?.() ?? -1,
      workingDirectory: process.cwd(),
      isTerminal: process.stderr.isTTY,
      readFile: async (path) => await readFile(path, 'utf8'),
    },
    makeLog: async (config) => await makeLog({ ...config, stream: process.stderr, clock: systemClock }),
    becomeOwner: async (stateDir, log) => {
      await becomeOwner({ stateDir, program: fileURLToPath(import.meta.url), log });
    },
    handlers: {
      issue: issueCommand(wireIssue),
      status: statusCommand(wireStatus),
      cleanup: cleanupCommand(wireCleanup),
    },
  });
}
