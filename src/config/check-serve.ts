/** `lanacme credentials [serve]`: which of the two, and what the endpoint needs. */
import { isAbsolute, join } from 'node:path';
import type { Host } from './host.ts';
import { nearestName } from './nearest-name.ts';
import { configProblem, type Problems } from './problems.ts';
import type { SettingName } from './settings.ts';
import type { Values } from './values.ts';

export type CredentialsAction = 'print' | 'serve';

/** What only one of the two takes. */
const ownFlags: Readonly<Record<CredentialsAction, readonly SettingName[]>> = {
  print: ['format', 'output', 'aws-profile', 'key-group'],
  serve: ['port', 'token-file'],
};

export function checkCredentialsAction(
  word: string | undefined,
  values: Values,
  problems: Problems,
): CredentialsAction | undefined {
  if (word !== undefined && word !== 'serve') {
    problems.add(unknownWord(word));
    return undefined;
  }
  const action = word ?? 'print';
  // The env file may hold those of both.
  for (const name of ownFlags[action === 'print' ? 'serve' : 'print']) {
    if (values.source(name) === 'flag') problems.add(flagOfTheOther(name, action));
  }
  return action;
}

export interface ServeTerms {
  readonly port: number;
  readonly tokenFile: string;
}

export function checkServe(values: Values, host: Host, problems: Problems): ServeTerms | undefined {
  const tokenFile = values.get('token-file') ?? defaultTokenFile(host);
  if (tokenFile === undefined && !values.isGiven('token-file')) problems.add(...values.missing('token-file'));
  return tokenFile === undefined ? undefined : { port: values.get('port'), tokenFile };
}

/** Where it is gone with the run or the session. Root runs this as another user, who has no place in root's own folder. */
function defaultTokenFile({ environment, uid }: Host): string | undefined {
  const ofUnit = environment['RUNTIME_DIRECTORY']?.split(':')[0] ?? '';
  if (isAbsolute(ofUnit)) return join(ofUnit, 'credentials-token');
  const ofUser = environment['XDG_RUNTIME_DIR'] ?? '';
  return uid !== 0 && isAbsolute(ofUser) ? join(ofUser, 'lanacme-credentials-token') : undefined;
}

function unknownWord(word: string): ReturnType<typeof configProblem> {
  const nearest = nearestName(word, ['serve']);
  return configProblem(
    'config.unknown-command',
    `unknown command ${JSON.stringify(`credentials ${word}`)}`,
    nearest === undefined
      ? 'write lanacme credentials [serve]'
      : `did you mean lanacme credentials ${nearest}?`,
  );
}

function flagOfTheOther(name: SettingName, action: CredentialsAction): ReturnType<typeof configProblem> {
  return action === 'print'
    ? configProblem(
        'config.conflict',
        `--${name} is for lanacme credentials serve`,
        `write lanacme credentials serve, or leave --${name} out`,
      )
    : configProblem(
        'config.conflict',
        `--${name} is not for lanacme credentials serve`,
        `leave --${name} out`,
      );
}
