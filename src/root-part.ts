/**
 * Starts the process that stays root; `io/root-hooks` is who talks to it. Its configuration comes from root, on
 * descriptor 3; requests come on standard input, from lanacme after it has become another user.
 */
import { readFileSync } from 'node:fs';
import type { RootPartConfig } from './core/root-messages.ts';
import { systemClock } from './io/clock.ts';
import { DescriptorWriter } from './io/descriptor-writer.ts';
import { ShellHooks } from './io/hooks.ts';
import { hostHooks } from './io/host-hooks.ts';
import { makeLog } from './io/log.ts';
import { RootPart } from './io/root-part.ts';
import { rootQueuePath } from './io/root-queue.ts';
import { answerLines } from './io/root-requests.ts';
import { listenForSignals } from './io/signals.ts';

void main();

async function main(): Promise<void> {
  process.umask(0o077);
  const interruption = listenForSignals(process);
  // Written by root, for root.
  const config = JSON.parse(readFileSync(3, 'utf8')) as RootPartConfig;
  const { stateDir, timeoutMs, commands, envFile, user } = config;
  const [stdout, stderr] = [writer(1), writer(2)];
  const log = makeLog({ ...config.log, live: false, stream: stderr, clock: systemClock });
  const part = new RootPart({
    config,
    hostHooks: hostHooks({ commands, envFile }),
    hooks: new ShellHooks({ timeoutMs, log, ...(user === undefined ? {} : { user }) }),
    folder: rootQueuePath(stateDir),
    log,
  });
  const answer = async (line: string, signal: AbortSignal) => await part.answer(line, signal);
  await answerLines({ input: process.stdin, output: stdout, answer, signal: interruption.signal });
  await log.flushed();
  interruption.dieBySignal();
}

function writer(descriptor: 1 | 2): { write(text: string): void; readonly columns: undefined } {
  const to = new DescriptorWriter(descriptor, () => (descriptor === 1 ? process.stdout : process.stderr));
  return {
    write: (text) => {
      to.write(text);
    },
    columns: undefined,
  };
}
