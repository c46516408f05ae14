/**
 * What root notes of its own hooks: in a folder that only root can write, since the state folder belongs to a user
 * whom root does not trust.
 */
import { type HookState, hookState } from './certificate-record.ts';
import { hooksWanting } from './deployment.ts';
import type { CertificateName } from './names.ts';
import { exactly, list, object, oneOf, readStored, text } from './stored-json.ts';

export const rootQueueFolder = '/var/lib/lanacme-deploy';

/** `NAME.json` there. */
export interface RootQueue {
  readonly format: 1;
  readonly name: CertificateName;
  /** Of the certificate that the hooks are about: after `lanacme delete` version 0001 is another one. */
  readonly serial: string;
  readonly hooks: readonly HookState[];
}

/** @throws LanacmeError `state.broken`, `state.newer-version` */
export function parseRootQueue(json: unknown, name: CertificateName, file: string): RootQueue {
  const read = object(
    {
      format: oneOf([1]),
      name: exactly(name),
      serial: text(/^-?[0-9a-f]+$/, 'is not a serial number'),
      hooks: list(hookState),
    },
    {},
  );
  return readStored(json, file, read, 'remove the file: every hook of root then runs again');
}

/** What each of these hooks is owed of the version that is live. */
export function rootHookStates(
  queue: RootQueue | undefined,
  commands: readonly string[],
  live: { readonly version: string; readonly serial: string },
): readonly HookState[] {
  const isSame = queue?.serial === live.serial;
  const known = (queue?.hooks ?? []).filter(({ wanted }) => isSame || wanted !== live.version);
  return hooksWanting(known, commands, live.version).map((hook) => (isSame ? hook : owing(hook)));
}

function owing({ command, wanted, lastError }: HookState): HookState {
  return { command, wanted, ...(lastError === undefined ? {} : { lastError }) };
}
