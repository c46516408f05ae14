import type { Writable } from 'node:stream';

/** Standard output for results. */
export interface ResultOutput {
  write(text: string): void;
  /** Columns of the terminal, if it is one. */
  readonly columns: number | undefined;
  /** Resolves once everything has left the process, or nobody reads it any more; rejects if it was lost. */
  written(): Promise<void>;
}

export function untilWritten(stream: Writable & { readonly columns?: number }): ResultOutput {
  let last: Promise<void> = Promise.resolve();
  let failure: Error | undefined;
  const note = (error: NodeJS.ErrnoException | null | undefined): void => {
    // A reader that went away (`lanacme status | head -1`) is no failure; a full disk is.
    if (error?.code !== 'EPIPE') failure ??= error ?? undefined;
  };
  stream.on('error', note);
  return {
    columns: stream.columns,
    write: (text) => {
      if (text === '') return;
      last = new Promise((resolve) => {
        // Told here before the stream tells everybody.
        stream.write(text, (error) => {
          note(error);
          resolve();
        });
      });
    },
    written: async () => {
      await last;
      if (failure !== undefined) throw failure;
    },
  };
}
