/** Starts and ends the program. */
import { run } from './cli/program.ts';
import { listenForSignals } from './io/signals.ts';
import { untilWritten } from './io/standard-output.ts';

declare const LANACME_VERSION: string | undefined;

// Whatever the caller's umask: what is made without a mode of its own is for this user alone.
process.umask(0o077);

const interruption = listenForSignals(process);
const stdout = untilWritten(process.stdout);
process.exitCode = await run(process.argv.slice(2), {
  version: typeof LANACME_VERSION === 'string' ? LANACME_VERSION : 'dev',
  stdout,
  runCommandLine: async (argv) => {
    const { start } = await import('./start.ts');
    return await start(argv, { stdout, signal: interruption.signal });
  },
});
try {
  await stdout.written();
} catch (error) {
  process.stderr.write(`lanacme: the result could not be written: ${String(error)}\n`);
  process.exitCode = 1;
}
interruption.dieBySignal();
