/** What configuration may know of the host it runs on; it looks at nothing else. */
export interface Host {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly uid: number;
  readonly workingDirectory: string;
  /** Whether standard error is a terminal. */
  readonly isTerminal: boolean;
  /** The text of a file; throws Node's errors (ENOENT, EACCES, …). */
  readFile(path: string): string;
}
