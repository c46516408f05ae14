import { resolve } from 'node:path';
import type { Host } from './host.ts';
import { nearestName } from './nearest-name.ts';
import { quoted } from './parse-value.ts';
import { configProblem, type Problems } from './problems.ts';

/** The clients whose certificates can be taken over, each with the folder where it keeps them. */
const clients: ReadonlyMap<string, string> = new Map([['certbot', '/etc/letsencrypt']]);

/** The folder that is meant by `import CLIENT [DIR]`, as an absolute path; undefined if a problem was noted. */
export function checkImportFolder(
  [client, folder]: readonly string[],
  host: Host,
  problems: Problems,
): string | undefined {
  const usual = clients.get(client ?? '');
  if (usual !== undefined) return folder === undefined ? usual : resolve(host.workingDirectory, folder);
  const known = [...clients.keys()];
  const hint = `write lanacme import ${nearestName(client ?? '', known) ?? known.join(' or ')} [DIR]`;
  problems.add(
    client === undefined
      ? configProblem('config.missing', 'the client to import from is missing', hint)
      : configProblem('config.unexpected-argument', `lanacme cannot import from ${quoted(client)}`, hint),
  );
  return undefined;
}
