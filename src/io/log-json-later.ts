import { journalLine, type Message } from './log-line.ts';

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
  }

  /** Resolves once everything that was said is written. */
  async flushed(): Promise<void> {
    await this.#loading;
  }

  async #load(): Promise<void> {
    const sink = await this.#made();
    for (const message of this.#waiting.splice(0)) sink(message);
    this.#sink = sink;
  }

  async #made(): Promise<(message: Message) => void> {
    try {
      const { jsonSink } = await import('./log-json.ts');
      return jsonSink(this.#write);
    } catch {
      // An upgrade has replaced our files under us: what there is to say matters more than its form.
      return (message) => {
        this.#write(`${journalLine(message)}\n`);
      };
    }
  }
}
