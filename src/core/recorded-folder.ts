import type { ErrorCode } from '../errors.ts';

/** A file of another program. */
export interface ClientFile {
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
  /** Who can read it besides its owner. */
  readonly readers: 'nobody' | 'group' | 'everybody';
}

/** What was answered: a value, or the failure in its place. */
export type Answered<T> =
  | { readonly value: T }
  | { readonly refused: { readonly code: ErrorCode; readonly message: string; readonly hint: string } };

/**
 * The folder of another client as it was read, as plain data: so root can hand it to a process that may not read it. What
 * could not be read is part of it.
 */
export interface RecordedFolder {
  readonly path: string;
  /** By folder; null for one that is missing. */
  readonly names: readonly (readonly [string, Answered<readonly string[] | null>])[];
  /** By path; content is base64. */
  readonly files: readonly (readonly [string, Answered<RecordedFile>])[];
}

export interface RecordedFile extends Omit<ClientFile, 'content'> {
  readonly content: string;
}
