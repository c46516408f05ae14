/** Starts and ends the program. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from './cli/program.ts';
import { becomeOwner } from './io/become-owner.ts';
import { systemClock } from './io/clock.ts';
import { listenForSignals } from './io/signals.ts';
import { untilWritten } from './io/standard-output.ts';

declare const LANACME_VERSION: string | undefined;

// Whatever the caller's umask: what is made without a mode of its own is for this user alone.
process.umask(0o077);

const interruption = listenForSignals(process);
const stdout = untilWritten(process.stdout);
process.exitCode = await run(process.argv.slice(2), {
  version: typeof LANACME_VERSION === 'string' ? LANACME_VERSION : 'dev',
  host: {
    environment: process.env,
    uid: process.getuid?.() ?? -1,
    workingDirectory: process.cwd(),
    isTerminal: process.stderr.isTTY,
    readFile: async (path) => await readFile(path, 'utf8'),
  },
  stdout,
  makeLog: async (config) => {
    const { makeLog } = await import('./io/log.ts');
    return await makeLog({ ...config, stream: process.stderr, clock: systemClock });
  },
  becomeOwner: async (stateDir, log) => {
    await becomeOwner({ stateDir, program: fileURLToPath(import.meta.url), log });
  },
  // A command and what it works with are loaded when it runs: `--version` needs neither.
  handlers: {
    issue: async (config, context) => {
      const { issueCommand } = await import('./cli/issue.ts');
      const { wireIssue } = await import('./wire.ts');
      return await issueCommand(wireIssue)(config, context);
    },
    status: async (config, context) => {
      const { statusCommand } = await import('./cli/status.ts');
      const { wireStatus } = await import('./wire.ts');
      return await statusCommand(wireStatus)(config, context);
    },
    cleanup: async (config, context) => {
      const { cleanupCommand } = await import('./cli/cleanup.ts');
      const { wireCleanup } = await import('./wire.ts');
      return await cleanupCommand(wireCleanup)(config, context);
    },
  },
  signal: interruption.signal,
});
await stdout.written();
interruption.dieBySignal();
