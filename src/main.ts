/** Starts and ends the program. */
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
  process.exitCode = await endedWith(exitCode, output);
  interruption.dieBySignal();
}
