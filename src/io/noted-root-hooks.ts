import { rootHookStates, rootQueueFolder } from '../core/root-queue.ts';
import type { RootHooks } from '../ports.ts';
import { readRootQueue, rootQueuePath } from './root-queue.ts';

/**
 * The hooks that root has run for certificates of this state folder, for its owner to look at. Which hooks root is to
 * run now only root knows: those that it has not met yet are not among them.
 */
export function notedRootHooks(stateDir: string, base = rootQueueFolder): Pick<RootHooks, 'states'> {
  const folder = rootQueuePath(stateDir, base);
  return {
    states: (name, live) => {
      const queue = readRootQueue(folder, name);
      return rootHookStates(queue, queue?.hooks.map(({ command }) => command) ?? [], live);
    },
  };
}
