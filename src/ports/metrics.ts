/** What a monitoring system is told of a run of `renew`. */
import type { RequestCount } from '../core/metrics.ts';
import type { RootHooks } from '../ports.ts';
import type { IdentityFile } from './identity.ts';

/** What a monitoring system collects. */
export interface MetricsFile {
  /** Replaces what is there, whole. @throws LanacmeError `metrics.unwritable`. */
  write(text: string): Promise<void>;
}

/** For a run that is watched. */
export interface MetricsWiring {
  /** Of lanacme. */
  readonly version: string;
  /** What the run has asked others so far. */
  readonly requests: () => readonly RequestCount[];
  /** What root noted of its own hooks, where it has some. */
  readonly rootHooks: () => Promise<Pick<RootHooks, 'states'> | undefined>;
  readonly identity?: IdentityFile;
  readonly file: MetricsFile;
}
