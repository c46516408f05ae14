import { setTimeout as timer } from 'node:timers/promises';
import { errnoOf } from './file-failure.ts';

const pollMs = 25;

/** Ends a process that leads a group, and all in that group: asks with TERM, makes them end with KILL after `graceMs`. */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  signalGroup(leader, 'SIGTERM');
  for (let waited = 0; waited < graceMs; waited += pollMs) {
    if (!signalGroup(leader, 0)) return;
    await timer(pollMs);
  }
  signalGroup(leader, 'SIGKILL');
}

/** Whether there is still somebody in the group. 0 only asks. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    // EPERM: somebody is there, such as a sudo that is no longer ours to signal.
    if (errnoOf(error) === 'EPERM') return true;
    if (errnoOf(error) === 'ESRCH') return false;
    throw error;
  }
}
