import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { LanacmeError } from '../errors.ts';
import type { CredentialsSource } from '../ports.ts';
import { endingRequests } from './client-requests.ts';
import { deadline } from './deadline.ts';

/**
 * Whether it was the chain of a lanacme that started this one, as a `credential_process`: to ask the chain once more would
 * start another, without an end.
 */
const isAskedByChain = process.env['_LANACME_ASKS_CHAIN'] !== undefined;

/**
 * The AWS SDK's own chain: environment, shared files, container and instance roles.
 *
 * @param variables `AWS_*` lines of the env file, for what the environment does not say: the chain looks there.
 * @throws LanacmeError `credentials.none-found`, also when the chain has not come to an end after 30 s: a place where
 *   nobody answers is waited for without a limit, and the chain of `credentials serve` may lead to its own endpoint.
 */
export function makeDefaultCredentials(variables: Readonly<Record<string, string>>): CredentialsSource {
  for (const [name, value] of Object.entries(variables)) process.env[name] ??= value;
  const provider = defaultProvider();
  return async (signal) => {
    signal.throwIfAborted();
    if (isAskedByChain) throw circular();
    process.env['_LANACME_ASKS_CHAIN'] = 'true';
    try {
      return await endingRequests(provider, AbortSignal.any([signal, deadline(longestMs)]));
    } catch (error) {
      signal.throwIfAborted();
      throw new LanacmeError('credentials.none-found', 'the AWS SDK found no credentials on this host', {
        hint: 'set AWS_PROFILE or the other variables of the SDK, or use --credentials iot',
        cause: error,
      });
    } finally {
      // It is for what the chain starts, and not for hooks.
      delete process.env['_LANACME_ASKS_CHAIN'];
    }
  };
}

const longestMs = 30_000;

function circular(): LanacmeError {
  return new LanacmeError(
    'credentials.none-found',
    "the AWS SDK's own chain asks lanacme for credentials (credential_process), and lanacme that chain",
    {
      hint: 'give the credential_process an identity that is not the chain: --credentials iot or roles-anywhere',
    },
  );
}
