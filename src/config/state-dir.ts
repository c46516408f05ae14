import { isAbsolute, join } from 'node:path';
import type { Host } from './host.ts';
import { configProblem } from './problems.ts';

/**
 * The state folder if none is named: what systemd's `StateDirectory=` made, else the system's for root, else the
 * user's (XDG Base Directory Specification: a relative path there is invalid and ignored).
 */
export function defaultStateDir({ environment, uid }: Host): string {
  const fromSystemd = environment['STATE_DIRECTORY']?.split(':')[0] ?? '';
  if (fromSystemd !== '') return fromSystemd;
  if (uid === 0) return '/var/lib/lanacme';
  const xdg = environment['XDG_STATE_HOME'] ?? '';
  if (isAbsolute(xdg)) return join(xdg, 'lanacme');
  const home = environment['HOME'] ?? '';
  if (isAbsolute(home)) return join(home, '.local/state/lanacme');
  const hint = 'give --state-dir FOLDER, or set LANACME_STATE_DIR or HOME';
  throw configProblem('config.missing', 'there is no folder to keep state in: HOME is not set', hint);
}
