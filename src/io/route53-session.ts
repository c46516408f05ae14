import { Route53Client } from '@aws-sdk/client-route-53';
import { route53Region } from '../core/aws-region.ts';
import type { CredentialsSource } from '../ports.ts';
import { awsRequestHandler } from './aws-request-handler.ts';
import { type HttpClient, userAgent } from './http.ts';

export interface Route53SessionOptions {
  readonly credentials: CredentialsSource;
  /** Base URL; absent for AWS's own. */
  readonly endpoint?: string;
  /** Where the account is at home; Route 53 itself is one for all Regions of a partition. */
  readonly region: string;
  /** For these requests alone: whoever closes Route 53 closes it. */
  readonly http: HttpClient;
}

export interface Route53Session {
  readonly client: Route53Client;
  /** Fetches credentials, unless there are some that do not end soon. */
  signIn(signal: AbortSignal): Promise<void>;
  /** Fetches credentials in any case. */
  renew(signal: AbortSignal): Promise<void>;
}

/**
 * The SDK's client with every setting given that it would otherwise look up in the environment or in
 * `~/.aws/config`: a profile on the host must not change where records are written. One attempt: retries are ours.
 *
 * The SDK keeps the credentials, and asks for the next five minutes before they end; calls at the same time share one
 * fetch.
 */
export function openSession({ credentials, endpoint, region, http }: Route53SessionOptions): Route53Session {
  // Else the SDK tells the user on standard error that it will need a newer Node one day.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  let waiting = new AbortController().signal;
  const client = new Route53Client({
    region: route53Region(region),
    ...(endpoint === undefined ? { ignoreConfiguredEndpointUrls: true } : { endpoint }),
    // The SDK passes no signal to its provider: the caller who made it necessary is the one who may end it.
    credentials: async () => ({ ...(await credentials(waiting)) }),
    requestHandler: awsRequestHandler(http),
    customUserAgent: userAgent,
    userAgentAppId: '',
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard',
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
    authSchemePreference: [],
    // A clock that is off is told to the user, not worked around: TLS and ACME depend on it too.
    disableClockSkewCorrection: true,
  });
  const fetchCredentials = async (signal: AbortSignal, forceRefresh: boolean): Promise<void> => {
    waiting = signal;
    await client.config.credentials({ forceRefresh });
  };
  return {
    client,
    signIn: async (signal) => {
      await fetchCredentials(signal, false);
    },
    renew: async (signal) => {
      await fetchCredentials(signal, true);
    },
  };
}
