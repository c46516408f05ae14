import type { Log } from '../../src/ports.ts';

/** Keeps every line as `level: message`. */
export class FakeLog implements Log {
  readonly lines: string[] = [];

  debug(message: string): void {
    this.lines.push(`debug: ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info: ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn: ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error: ${message}`);
  }
  waiting(what: string): () => void {
    this.lines.push(`waiting: ${what}`);
    return () => this.lines.push(`done waiting: ${what}`);
  }
}
