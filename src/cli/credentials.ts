import type { CredentialsTarget, PrintCredentialsConfig } from '../config/config.ts';
import { formatCredentials, processDocument } from '../core/credential-format.ts';
import { hasProfiles, withProfile } from '../core/credentials-file.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { LanacmeError } from '../errors.ts';
import type { CredentialsWiring } from '../ports/credentials.ts';
import type { AwsCredentials, Log } from '../ports.ts';
import type { CommandHandler } from './command-line.ts';
import type { CommandResult } from './output.ts';

/** `lanacme credentials`: the only command that lets credentials out, to where the user says. */
export function credentialsCommand(
  wire: (config: PrintCredentialsConfig, log: Log) => CredentialsWiring,
): CommandHandler<PrintCredentialsConfig> {
  return async (config, { log, signal }) => {
    const { target } = config;
    const ports = wire(config, log);
    const file = target.output && (await ports.openFile(target.output));
    const credentials = await (await ports.source())(signal);
    if (file === undefined || target.output === undefined) return printed(credentials, target);
    await file.rewrite((present) => fileText(present, credentials, target));
    return written(target.output.path, credentials);
  };
}

/** With `--json` what an external process prints stands in the one object: SDKs take no notice of the rest. */
function printed(credentials: AwsCredentials, { format }: CredentialsTarget): CommandResult {
  const text = format === 'file' ? '' : formatCredentials(credentials, format);
  return { text, certificates: [], failures: [], more: { ...processDocument(credentials) } };
}

/** A section is put among those of others; any other form has a file of its own. */
function fileText(present: string, credentials: AwsCredentials, target: CredentialsTarget): string {
  if (target.format === 'file') return withProfile(present, target.profile, credentials);
  if (hasProfiles(present)) throw wouldBeLost(target);
  return formatCredentials(credentials, target.format);
}

function wouldBeLost({ format, output }: CredentialsTarget): LanacmeError {
  const path = output?.path ?? '';
  return new LanacmeError(
    'credentials.output-unwritable',
    `${path} holds profiles, and would hold nothing but one session with --format ${format}`,
    { hint: 'take --format file, which keeps the others, or another --output' },
  );
}

/** What asked for a file has its path on standard output, and no secret. */
function written(path: string, { expiration }: AwsCredentials): CommandResult {
  const more = {
    output: path,
    ...(expiration === undefined ? {} : { expiration: rfc3339(expiration) }),
  };
  return { text: path, certificates: [], failures: [], more };
}
