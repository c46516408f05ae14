import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LanacmeOptions } from './run-lanacme.ts';

export interface FastTime {
  /** Milliseconds by which its clock is fast; negative if it is slow. */
  readonly aheadMs?: number;
  /** A sleep of the program takes this part of its time, and moves its clock by the whole. */
  readonly skips?: number;
  /** The program's whole time, its limits on others too, runs so many times as fast. */
  readonly runs?: number;
}

/** Options that give the program a time of its own: see `fast-time.mjs`. */
export function fastTime({
  aheadMs = 0,
  skips = 1,
  runs = 1,
}: FastTime): Required<Pick<LanacmeOptions, 'nodeArgs' | 'env'>> {
  const preload = pathToFileURL(join(import.meta.dirname, 'fast-time.mjs')).href;
  return {
    nodeArgs: ['--import', preload],
    env: { TIME_AHEAD: String(aheadMs), TIME_SKIPS: String(skips), TIME_RUNS: String(runs) },
  };
}
