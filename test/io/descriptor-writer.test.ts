import type { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { DescriptorWriter } from '../../src/io/descriptor-writer.ts';

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

/** A kernel that takes `piece` bytes at a time, and after `room` bytes says `then`. */
function kernel(piece: number, room = Infinity, then = 'EAGAIN') {
  const taken: string[] = [];
  const write = ((descriptor: number, bytes: Buffer) => {
    const left = room - taken.join('').length;
    if (left <= 0) throw failure(then);
    const part = bytes.subarray(0, Math.min(piece, left));
    taken.push(part.toString());
    return descriptor === 1 ? part.length : 0;
  }) as typeof writeSync;
  return { taken, write };
}

function refuse(): never {
  throw new Error('no stream is needed');
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise((resolve) => setImmediate(resolve, 'later'));
  return (await Promise.race([promise, later])) === 'later';
}

describe('a descriptor', () => {
  it('is written to at once, however little it takes at a time', async () => {
    const { taken, write } = kernel(3);
    const output = new DescriptorWriter(1, refuse, write);
    output.write('a path\n');
    expect(taken).toEqual(['a p', 'ath', '\n']);
    await output.written();
  });

  it('gets nothing of an empty text', async () => {
    const { taken, write } = kernel(3);
    const output = new DescriptorWriter(1, refuse, write);
    output.write('');
    await output.written();
    expect(taken).toEqual([]);
  });

  it('that is full gets the rest, and all that follows, through the stream', async () => {
    const { taken, write } = kernel(100, 2);
    const reader = new SlowReader();
    const output = new DescriptorWriter(1, () => reader, write);
    output.write('a path\n');
    output.write('another\n');
    const written = output.written();
    expect(await isPending(written)).toBe(true);
    reader.take();
    expect(await isPending(written)).toBe(true);
    reader.take();
    await written;
    expect([...taken, ...reader.taken]).toEqual(['a ', 'path\n', 'another\n']);
  });

  it.each(['at once', 'later'])('whose reader has gone away is no failure, %s', async (when) => {
    const reader = new SlowReader();
    const { write } = kernel(1, 0, when === 'later' ? 'EAGAIN' : 'EPIPE');
    const output = new DescriptorWriter(1, () => reader, write);
    output.write('a table\n');
    reader.take(failure('EPIPE'));
    await output.written();
  });

  it.each(['at once', 'later'])('that loses what was written fails, %s', async (when) => {
    const reader = new SlowReader();
    const { write } = kernel(1, 0, when === 'later' ? 'EAGAIN' : 'ENOSPC');
    const output = new DescriptorWriter(1, () => reader, write);
    output.write('a table\n');
    reader.take(failure('ENOSPC'));
    await expect(output.written()).rejects.toThrow('ENOSPC');
  });
});
