/** `lanacme credentials`: the form of the result, and where it goes. */
import { isProfileName } from '../core/credentials-file.ts';
import type { CredentialsTarget } from './config.ts';
import { quoted } from './parse-value.ts';
import { configProblem, invalidValue, type Problems } from './problems.ts';
import type { Values } from './values.ts';

export function checkTarget(values: Values, problems: Problems): CredentialsTarget | undefined {
  const file = values.get('output');
  const format = values.get('format') ?? (file === undefined ? 'process' : 'file');
  const keyGroup = keyGroupOf(values);
  if (file === undefined) problems.add(...inVain(values, 'key-group', '--output'));
  if (format !== 'file') problems.add(...inVain(values, 'aws-profile', '--format file, with --output'));
  const profile = checkProfile(values, problems);
  if (file === undefined) {
    if (format === 'file') problems.add(...noFile(values));
    return format === 'file' ? undefined : { format };
  }
  const output = { path: file, ...(keyGroup === undefined ? {} : { keyGroup }) };
  if (format !== 'file') return { format, output };
  return profile === undefined ? undefined : { format, profile, output };
}

/** A flag that would change nothing; the env file may hold what other runs need. */
function inVain(
  values: Values,
  name: 'key-group' | 'aws-profile',
  needs: string,
): readonly ReturnType<typeof configProblem>[] {
  if (values.source(name) !== 'flag') return [];
  return [
    configProblem('config.conflict', `--${name} goes with ${needs}`, `leave --${name} out, or add that`),
  ];
}

/**
 * A line of the env file is about the keys of certificates: it must not let their readers, quite others, act as this host
 * at AWS.
 */
function keyGroupOf(values: Values): string | undefined {
  return values.source('key-group') === 'file' ? undefined : values.given('key-group');
}

function checkProfile(values: Values, problems: Problems): string | undefined {
  const profile = values.get('aws-profile');
  return problems.attempt(values.origin('aws-profile'), () => {
    if (isProfileName(profile)) return profile;
    throw invalidValue(
      `${quoted(profile)} cannot be the name of a profile`,
      'give up to 128 letters, digits and . _ @ + -',
    );
  });
}

/** Which file it is would depend on who runs this: one that root has started is another user's. */
function noFile(values: Values): readonly ReturnType<typeof configProblem>[] {
  if (values.isGiven('output')) return [];
  return [
    configProblem(
      'config.missing',
      '--output is missing: --format file needs a credentials file to write to',
      'give --output with the path that the other programs have in AWS_SHARED_CREDENTIALS_FILE, or ~/.aws/credentials',
    ),
  ];
}
