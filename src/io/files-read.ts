import { readFileSync } from 'node:fs';

/** Reads files, and remembers what was in them for the process that goes on as another user, who may not read them. */
export class FilesRead {
  readonly #texts: Map<string, string>;

  /** @param handed what root read. */
  constructor(handed: Readonly<Record<string, string>> = {}) {
    this.#texts = new Map(Object.entries(handed));
  }

  /** @throws Node's errors. */
  read(path: string): string {
    const text = this.#texts.get(path) ?? readFileSync(path, 'utf8');
    this.#texts.set(path, text);
    return text;
  }

  texts(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#texts);
  }
}
