import { LanacmeError } from '../errors.ts';
import type { MetricsFile } from '../ports/metrics.ts';
import { replaceFile } from './atomic-file.ts';

/** Anyone may read it: whoever collects is another user. */
const mode = 0o644;

/**
 * The file that node_exporter's textfile collector, or its like, reads. It takes files whose names end in `.prom`: the
 * temporary one beside it does not.
 */
export function makeMetricsFile(path: string): MetricsFile {
  return {
    write: async (text) => {
      try {
        await replaceFile(path, text, mode);
      } catch (error) {
        throw unwritable(error);
      }
    },
  };
}

/** The folder is the collector's, not ours: what helps is another than in the state folder. */
function unwritable(thrown: unknown): unknown {
  if (!(thrown instanceof LanacmeError)) return thrown;
  return new LanacmeError('metrics.unwritable', `the metrics file was not written: ${thrown.message}`, {
    hint: 'make the folder and let the user of lanacme write in it, under systemd by ReadWritePaths= too; or choose another --metrics-file',
    cause: thrown,
  });
}
