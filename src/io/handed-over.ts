/**
 * The descriptors and the variable by which root and the process that goes on as the owner of the state folder
 * (`run-as-owner`) find each other.
 */
import { closeSync, readFileSync } from 'node:fs';
import type { ImportByRoot } from '../ports/import.ts';

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
  /** The same hooks, for a run that only looks at what they are owed. */
  readonly hostHooks?: readonly string[];
  /** What it has done of an import. */
  readonly import?: ImportByRoot;
}

/** Not a setting: it only says that there is something on the descriptor. */
export const handOverVariable = '_LANACME_HANDED_OVER';

/** Of that process: what root tells; what root's hooks are asked; what they answer. */
export const handedDescriptors = { told: 3, requests: 4, answers: 5 } as const;

/** What root told this process; nothing if it was started by anybody else. Whoever is root is told by nobody. */
export function takeHandedOver(environment: NodeJS.ProcessEnv): HandedOver | undefined {
  const isThere = environment[handOverVariable] !== undefined;
  Reflect.deleteProperty(environment, handOverVariable);
  if (!isThere || process.geteuid?.() === 0) return undefined;
  const text = readFileSync(handedDescriptors.told, 'utf8');
  closeSync(handedDescriptors.told);
  // Written by root, for us; whoever writes it themselves has no more rights by it.
  const handed = JSON.parse(text) as HandedOver;
  const ids = [process.getuid?.(), process.geteuid?.(), process.getgid?.(), process.getegid?.()];
  const { uid, gid } = handed;
  if (ids.join() !== [uid, uid, gid, gid].join()) throw new Error(`user ${ids.join()} in place of ${uid}`);
  return handed;
}
