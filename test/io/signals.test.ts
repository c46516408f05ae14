import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { listenForSignals, type SignalSource } from '../../src/io/signals.ts';

/** A process that only notes by what it would have died. */
class FakeProcess extends EventEmitter implements SignalSource {
  readonly pid = 4711;
  readonly killed: string[] = [];

  kill(pid: number, signal: string): boolean {
    // A signal that somebody listens to does not end the process.
    this.killed.push(`${pid} ${signal}${this.listenerCount(signal) > 0 ? ' in vain' : ''}`);
    return true;
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function listening(): { source: FakeProcess; interruption: ReturnType<typeof listenForSignals> } {
  const source = new FakeProcess();
  return { source, interruption: listenForSignals(source) };
}

describe.each(signals)('%s', (signal) => {
  it('asks the run to end, which dies by that signal when it has cleaned up', () => {
    const { source, interruption } = listening();
    expect(interruption.signal.aborted).toBe(false);
    source.emit(signal, signal);
    expect(interruption.signal.reason).toMatchObject({
      code: 'run.interrupted',
      message: `interrupted by ${signal}`,
    });
    expect(source.killed).toEqual([]);
    interruption.dieBySignal();
    expect(source.killed).toEqual([`4711 ${signal}`]);
  });

  it.each(signals)('ends the run at once after %s, by itself', (first) => {
    const { source, interruption } = listening();
    source.emit(first, first);
    source.emit(signal, signal);
    expect(source.killed).toEqual([`4711 ${signal}`]);
    expect(interruption.signal.reason).toMatchObject({ message: `interrupted by ${first}` });
  });
});

it('a run that was not interrupted does not die by a signal', () => {
  const { source, interruption } = listening();
  interruption.dieBySignal();
  expect(source.killed).toEqual([]);
});
