/** Starts and ends the program. */
import { writeSync } from 'node:fs';
import { run } from './cli/program.ts';
import { DescriptorWriter, endedWith } from './io/descriptor-writer.ts';
import { listenForSignals } from './io/signals.ts';
import { version } from './io/version.ts';
import { start } from './start.ts';

// Built as CommonJS, which has no await out here.
void main();

async function main(): Promise<void> {
  // Whatever the caller's umask: what is made without a mode of its own is for this user alone.
  process.umask(0o077);
  const interruption = listenForSignals(process);
  const ended = tellIfLost();
  const output = new DescriptorWriter(1, () => process.stdout);
  const stdout = {
    write: (text: string) => {
      output.write(text);
    },
    get columns(): number | undefined {
      return process.stdout.columns;
    },
  };
  const exitCode = await run(process.argv.slice(2), {
    version,
    stdout,
    runCommandLine: async (argv) => await start(argv, { stdout, signal: interruption.signal }),
  });
  ended();
  process.exitCode = await endedWith(exitCode, output);
  interruption.dieBySignal();
}

/**
 * Node ends with 0 as soon as nothing is left that could wake it, also while somebody still waits. Such a run has not
 * done its work, and must not look as if it had. Returns what says that it has come to its end.
 */
function tellIfLost(): () => void {
  const lost = (): void => {
    process.exitCode = 1;
    writeSync(2, 'lanacme: the run ended before its work was done (internal.bug): please report this\n');
  };
  process.once('exit', lost);
  return () => {
    process.off('exit', lost);
  };
}
