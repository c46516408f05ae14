/** `lanacme systemd WORD [--user]`. */
import { isAbsolute, join } from 'node:path';
import type { SystemdAction, SystemdScope } from './config.ts';
import type { Host } from './host.ts';
import { nearestName } from './nearest-name.ts';
import { configProblem, type Problems } from './problems.ts';

const actions = ['install', 'uninstall', 'show'] as const satisfies readonly SystemdAction[];

export function checkAction(word: string | undefined, problems: Problems): SystemdAction | undefined {
  const action = actions.find((known) => known === word);
  if (action !== undefined) return action;
  const hint = `write lanacme systemd ${actions.join('|')}`;
  if (word === undefined) {
    problems.add(configProblem('config.missing', 'lanacme systemd does not say what to do', hint));
    return undefined;
  }
  const nearest = nearestName(word, actions);
  problems.add(
    configProblem(
      'config.unknown-command',
      `unknown command ${JSON.stringify(`systemd ${word}`)}`,
      nearest === undefined ? hint : `did you mean lanacme systemd ${nearest}?`,
    ),
  );
  return undefined;
}

/** Whose units: the system's are root's to write, a user's are theirs. */
export function checkScope(
  action: SystemdAction | undefined,
  isUser: boolean,
  host: Host,
  problems: Problems,
): SystemdScope | undefined {
  if (!isUser) {
    if (host.uid !== 0 && action !== undefined && action !== 'show') problems.add(notRoot(action));
    return { kind: 'system' };
  }
  if (host.uid === 0) {
    problems.add(rootAsUser());
    return undefined;
  }
  return problems.attempt('--user', () => ({
    kind: 'user',
    configHome: configHome(host),
    ...runtimeDirOf(host),
  }));
}

function notRoot(action: SystemdAction): ReturnType<typeof configProblem> {
  return configProblem(
    'config.conflict',
    `lanacme systemd ${action} changes the units of the system, and this is not root`,
    `run it as root (sudo lanacme systemd ${action}), or for yourself alone: lanacme systemd ${action} --user`,
  );
}

function rootAsUser(): ReturnType<typeof configProblem> {
  return configProblem(
    'config.conflict',
    '--user is for the units of a user, and this is root',
    'leave --user out, or run it as that user, without sudo',
  );
}

function runtimeDirOf({ environment }: Host): { readonly runtimeDir?: string } {
  const runtimeDir = environment['XDG_RUNTIME_DIR'] ?? '';
  return isAbsolute(runtimeDir) ? { runtimeDir } : {};
}

/** XDG Base Directory Specification: a relative path is ignored. */
function configHome({ environment }: Host): string {
  const xdg = environment['XDG_CONFIG_HOME'] ?? '';
  if (isAbsolute(xdg)) return xdg;
  const home = environment['HOME'] ?? '';
  if (isAbsolute(home)) return join(home, '.config');
  throw configProblem('config.missing', 'there is no folder for units: HOME is not set', 'set HOME');
}
