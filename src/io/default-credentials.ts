import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { LanacmeError } from '../errors.ts';
import type { CredentialsSource } from '../ports.ts';

/**
 * The AWS SDK's own chain: environment, shared files, container and instance roles.
 *
 * @param variables `AWS_*` lines of the env file, for what the environment does not say: the chain looks there.
 * @throws LanacmeError `credentials.none-found`
 */
export function makeDefaultCredentials(variables: Readonly<Record<string, string>>): CredentialsSource {
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
  const provider = defaultProvider();
  return async (signal) => {
    signal.throwIfAborted();
    try {
      return await provider();
    } catch (error) {
      throw new LanacmeError('credentials.none-found', 'the AWS SDK found no credentials on this host', {
        hint: 'set AWS_PROFILE or the other variables of the SDK, or use --credentials iot',
        cause: error,
      });
    }
  };
}
