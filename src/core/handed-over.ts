import type { KeptHook } from './kept-hook.ts';
import type { RecordedFolder } from './recorded-folder.ts';

/** What root tells the process that goes on as the owner of the state folder: what only root could find out. */
export interface HandedOver {
  /** Whose rights that process has. */
  readonly uid: number;
  readonly gid: number;
  /** The texts of the files that root read, by path: the env file. */
  readonly files: Readonly<Record<string, string>>;
  /** Root's own hooks, if it has any to run. */
  readonly rootHooks?: {
    /** All of them, in order. */
    readonly commands: readonly string[];
    readonly stateDir: string;
  };
  /** For an import: what root found, and what it has kept. */
  readonly import?: { readonly folder: RecordedFolder; readonly hooks: readonly KeptHook[] };
}
