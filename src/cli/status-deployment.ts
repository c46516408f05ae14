import type { CertificateRow } from '../core/certificate-row.ts';
import type { HookRow, ServedRow } from '../core/deployment-row.ts';

/** A label and what stands beside it; nothing if that is not known. */
export type Line = readonly [label: string, value: string | null];

/** How far the certificate is with those who use it: each hook, each server that was asked, versions that are not used. */
export function deploymentLines(row: CertificateRow, now: Date): readonly Line[] {
  const { hooks, served, setAside, held } = row;
  return [
    ...hooks.map((hook): Line => ['hook', `${hook.command}: ${hookState(hook, now)}`]),
    ...served.map((one): Line => ['served', `${one.target}: ${servedState(one)}`]),
    [
      'set aside',
      setAside && `version ${setAside.version}, ${tryAgain(setAside.nextAttempt)}: ${setAside.error.message}`,
    ],
    ['held', held.length === 0 ? null : `${held.join(', ')}: not put in place again`],
  ];
}

function hookState({ wanted, done, error, nextAttempt }: HookRow, now: Date): string {
  if (wanted === done) return `done with version ${wanted}`;
  const owed = `OWED version ${wanted}`;
  if (error === null) return owed;
  const isWaiting = nextAttempt !== null && Date.parse(nextAttempt) > now.getTime();
  return `${owed}, ${isWaiting ? tryAgain(nextAttempt) : 'tried again by the next run'}: failed on ${error.at}: ${error.message}`;
}

function servedState({ at, version, problem }: ServedRow): string {
  return problem === null
    ? `version ${version}, seen on ${at}`
    : `NOT version ${version} on ${at}: ${problem}`;
}

function tryAgain(from: string): string {
  return `tried again from ${from} on`;
}
