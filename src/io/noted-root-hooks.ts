import { readdirSync } from 'node:fs';
import { parseCertificateName } from '../core/names.ts';
import { type RootQueue, rootHookStates, rootQueueFolder } from '../core/root-queue.ts';
import { LanacmeError } from '../errors.ts';
import type { RootHooks } from '../ports.ts';
import { errnoOf, fileFailure } from './file-failure.ts';
import { readRootQueue, rootQueuePath } from './root-queue.ts';

/**
 * The hooks that root has run for certificates of this state folder, for its owner to look at. Which hooks root is to
 * run now only root knows. A certificate that it has not met yet is owed those that it has run for another: they are
 * those of the host.
 */
export function notedRootHooks(stateDir: string, base = rootQueueFolder): Pick<RootHooks, 'states'> {
  const folder = rootQueuePath(stateDir, base);
  let ofHost: readonly string[] | undefined;
  return {
    states: (name, live) => {
      const queue = readRootQueue(folder, name);
      const commands = queue === undefined ? (ofHost ??= commandsOfAny(folder)) : commandsOf(queue);
      return rootHookStates(queue, commands, live);
    },
  };
}

function commandsOf({ hooks }: RootQueue): readonly string[] {
  return hooks.map(({ command }) => command);
}

function commandsOfAny(folder: string): readonly string[] {
  for (const file of namesIn(folder)) {
    try {
      const queue = readRootQueue(folder, parseCertificateName(file.replace(/\.json$/, '')));
      if (queue !== undefined) return commandsOf(queue);
    } catch (error) {
      // It is told of where its own certificate is looked at.
      if (!(error instanceof LanacmeError)) throw error;
    }
  }
  return [];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw fileFailure(error, 'read', folder);
  }
}
