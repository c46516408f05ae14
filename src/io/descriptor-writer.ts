import { fstatSync, writeSync } from 'node:fs';

/** What takes over where a descriptor does not take everything at once: `process.stdout` or `process.stderr`. */
interface SlowStream {
  write(bytes: Uint8Array, done: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/**
 * Writes to an open descriptor at once, as Node's own streams do for files, pipes and terminals on Linux, but without
 * them: loading them is a tenth of the start-up. Only a pipe that somebody made non-blocking, and that is full, needs one.
 */
export class DescriptorWriter {
  readonly #descriptor: number;
  readonly #stream: () => SlowStream;
  readonly #write: typeof writeSync;
  #slow: SlowStream | undefined;
  #last: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(descriptor: number, stream: () => SlowStream, write: typeof writeSync = writeSync) {
    this.#descriptor = descriptor;
    this.#stream = stream;
    this.#write = write;
  }

  write(text: string): void {
    const rest = this.#slow === undefined ? this.#writeNow(Buffer.from(text)) : Buffer.from(text);
    if (rest.length > 0) this.#writeLater(rest);
  }

  /** Resolves once everything has left the process, or nobody reads it any more; rejects if it was lost. */
  async written(): Promise<void> {
    await this.#last;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** What the descriptor would not take now. */
  #writeNow(bytes: Buffer): Buffer {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(this.#write(this.#descriptor, rest));
    } catch (error) {
      if (isErrno(error, 'EAGAIN')) return rest;
      this.#note(error);
    }
    return Buffer.alloc(0);
  }

  #writeLater(bytes: Buffer): void {
    const slow = this.#slow ?? this.#open();
    this.#last = new Promise((resolve) => {
      // Told here before the stream tells everybody.
      slow.write(bytes, (error) => {
        this.#note(error);
        resolve();
      });
    });
  }

  #open(): SlowStream {
    this.#slow = this.#stream();
    this.#slow.on('error', (error) => {
      this.#note(error);
    });
    return this.#slow;
  }

  /** A reader that went away (`lanacme status | head -1`) is no failure; a full disk is. */
  #note(error: unknown): void {
    if (error instanceof Error && !isErrno(error, 'EPIPE')) this.#failure ??= error;
  }
}

/** The exit code of a program whose results went to `output`: losing them is a failure, and is told. */
export async function endedWith(exitCode: number, output: DescriptorWriter): Promise<number> {
  try {
    await output.written();
    return exitCode;
  } catch (error) {
    process.stderr.write(`lanacme: the result could not be written: ${String(error)}\n`);
    return 1;
  }
}

/** Whether a descriptor can be a terminal at all: to ask the stream for certain, it would have to be loaded. */
export function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice();
  } catch {
    // Closed: then it is none.
    return false;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
