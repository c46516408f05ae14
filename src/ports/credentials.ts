/** What `lanacme credentials` works with. */
import type { CredentialsSource } from '../ports.ts';

/** A file that other programs read credentials from. */
export interface CredentialsFile {
  /**
   * Puts what `change` makes of the file's text in its place, whole; the text is empty if there is no file. Each byte is
   * one character (latin1): what is not text comes back as it was.
   */
  rewrite(change: (present: string) => string): Promise<void>;
}

export interface CredentialsWiring {
  readonly source: () => Promise<CredentialsSource>;
  /** Refuses a place that somebody else could change, before anything is asked of AWS. */
  readonly openFile: (output: {
    readonly path: string;
    /** May read it. */
    readonly keyGroup?: string;
  }) => Promise<CredentialsFile>;
}
