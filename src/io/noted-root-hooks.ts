import { type RootQueue, rootHookStates, rootQueueFolder } from '../core/root-queue.ts';
import type { RootHooks } from '../ports.ts';
import { notedQueues, readRootQueue, rootQueuePath } from './root-queue.ts';

export interface NotedRootHooksOptions {
  readonly stateDir: string;
  /** Those that root is to run now, if it was root that began this run: nobody else knows. */
  readonly hostHooks?: readonly string[] | undefined;
  readonly base?: string;
}

/**
 * What root's hooks are owed, for the owner of the state folder to look at. Where root has not said which they are, they
 * are those that it has run; and a certificate that it has not met yet is owed those that it has run for another, since
 * they are those of the host.
 */
export function notedRootHooks({
  stateDir,
  hostHooks,
  base = rootQueueFolder,
}: NotedRootHooksOptions): Pick<RootHooks, 'states'> {
  const folder = rootQueuePath(stateDir, base);
  let ofAny: readonly string[] | undefined;
  return {
    states: (name, live) => {
      const queue = readRootQueue(folder, name);
      const noted = () => (queue === undefined ? (ofAny ??= commandsOfAny(folder)) : commandsOf(queue));
      return rootHookStates(queue, hostHooks ?? noted(), live);
    },
  };
}

function commandsOf({ hooks }: RootQueue): readonly string[] {
  return hooks.map(({ command }) => command);
}

function commandsOfAny(folder: string): readonly string[] {
  const [any] = notedQueues(folder);
  return any === undefined ? [] : commandsOf(any);
}
