import type { Message } from './log-line.ts';

/** Writes JSON lines; what writes them is loaded with the first message, since most runs of a timer have nothing to say. */
export class LaterJson {
  readonly #write: (text: string) => void;
  /** Those that came while it was loading. */
  readonly #waiting: Message[] = [];
  #sink: ((message: Message) => void) | undefined;
  #loading: Promise<void> | undefined;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  take(message: Message): void {
    if (this.#sink !== undefined) {
      this.#sink(message);
      return;
    }
    this.#waiting.push(message);
    this.#loading ??= this.#load();
    // A log that cannot be written must not end the work: `flushed` tells of it.
    this.#loading.catch(() => undefined);
  }

  /** Resolves once everything that was said is written; rejects if that cannot be. */
  async flushed(): Promise<void> {
    await this.#loading;
  }

  async #load(): Promise<void> {
    const { jsonSink } = await import('./log-json.ts');
    const sink = jsonSink(this.#write);
    for (const message of this.#waiting.splice(0)) sink(message);
    this.#sink = sink;
  }
}
