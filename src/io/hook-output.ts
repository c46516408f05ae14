import type { Readable } from 'node:stream';
import { setTimeout as timer } from 'node:timers/promises';
import { escapeText } from '../core/escape.ts';
import type { Log } from '../ports.ts';

const longestLine = 1_000;
const mostLines = 1_000;
const linesKept = 5;
/** For what is still in the pipe when the hook has ended. A daemon that it left behind may hold the pipe for ever. */
const drainMs = 500;

/** What a hook prints: line by line to the log, the last few kept for the error. */
export class HookOutput {
  readonly #log: Log;
  readonly #streams: readonly Readable[];
  readonly #lastLines: string[] = [];
  readonly #closed: Promise<unknown>;
  #count = 0;

  constructor(streams: readonly Readable[], log: Log) {
    this.#log = log;
    this.#streams = streams;
    this.#closed = Promise.all(
      streams.map(async (stream) => {
        await this.#follow(stream);
      }),
    );
  }

  /** Safe to print. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Reads what is left, then lets go of the pipes. */
  async end(): Promise<void> {
    await Promise.race([this.#closed, timer(drainMs, undefined, { ref: false })]);
    for (const stream of this.#streams) stream.destroy();
    await this.#closed;
  }

  /** Resolves when the stream has closed and its last line is taken. */
  async #follow(stream: Readable): Promise<void> {
    let line = '';
    const flush = () => {
      if (line !== '') this.#take(line.replace(/\r$/, ''));
      line = '';
    };
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const [first = '', ...others] = text.split('\n');
      line = cut(line + first);
      for (const other of others) {
        flush();
        line = cut(other);
      }
    });
    stream.on('error', (error) => {
      this.#log.warn(`the output of the hook cannot be read: ${error.message}`);
    });
    await new Promise((resolve) => stream.on('close', resolve));
    flush();
  }

  #take(line: string): void {
    this.#count += 1;
    if (this.#count <= mostLines) this.#log.info(`hook: ${line}`);
    if (this.#count === mostLines) this.#log.warn('hook: it prints too much; the rest is not logged');
    this.#lastLines.push(escapeText(line));
    if (this.#lastLines.length > linesKept) this.#lastLines.shift();
  }
}

/** One character more than is kept shows that there was more. */
function cut(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}
