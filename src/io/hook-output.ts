import { once } from 'node:events';
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
  #count = 0;

  constructor(streams: readonly Readable[], log: Log) {
    this.#log = log;
    this.#streams = streams;
    for (const stream of streams) this.#follow(stream);
  }

  /** Safe to print. */
  get lastLines(): readonly string[] {
    return this.#lastLines;
  }

  /** Reads what is left, then lets go of the pipes. */
  async end(): Promise<void> {
    const open = this.#streams.filter((stream) => !stream.closed);
    const closed = Promise.all(
      open.map(async (stream) => {
        await once(stream, 'close');
      }),
    );
    await Promise.race([closed, timer(drainMs, undefined, { ref: false })]);
    for (const stream of this.#streams) stream.destroy();
  }

  #follow(stream: Readable): void {
    let line = '';
    const flush = () => {
      if (line !== '') this.#take(line);
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
    stream.on('close', flush);
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
