import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { untilWritten } from '../../src/io/standard-output.ts';

/** A reader that takes what is written when it likes, and may fail at it. */
class SlowReader extends Writable {
  readonly taken: string[] = [];
  readonly #waiting: ((error?: Error) => void)[] = [];

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.taken.push(chunk.toString());
    this.#waiting.push(done);
  }

  /** Lets what was written last go through, or fail. */
  take(error?: Error): void {
    this.#waiting.shift()?.(error);
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise((resolve) => setImmediate(resolve, 'later'));
  return (await Promise.race([promise, later])) === 'later';
}

describe('standard output', () => {
  it('is written when everything has left the process', async () => {
    const reader = new SlowReader();
    const output = untilWritten(reader);
    output.write('a path\n');
    output.write('another\n');
    const written = output.written();
    expect(await isPending(written)).toBe(true);
    reader.take();
    expect(await isPending(written)).toBe(true);
    reader.take();
    await written;
    expect(reader.taken).toEqual(['a path\n', 'another\n']);
  });

  it('is written at once if nothing is', async () => {
    const reader = new SlowReader();
    const output = untilWritten(reader);
    output.write('');
    await output.written();
    expect(reader.taken).toEqual([]);
  });

  it('a reader that has gone away is no failure', async () => {
    const reader = new SlowReader();
    const output = untilWritten(reader);
    output.write('a table\n');
    reader.take(failure('EPIPE'));
    await output.written();
  });

  it('a result that is lost is one', async () => {
    const reader = new SlowReader();
    const output = untilWritten(reader);
    output.write('a table\n');
    reader.take(failure('ENOSPC'));
    await expect(output.written()).rejects.toThrow('ENOSPC');
  });

  it('knows the width of a terminal', () => {
    expect(untilWritten(Object.assign(new SlowReader(), { columns: 72 })).columns).toBe(72);
    expect(untilWritten(new SlowReader()).columns).toBeUndefined();
  });
});
