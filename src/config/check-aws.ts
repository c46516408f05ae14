import { resolve } from 'node:path';
import { describeEndpoint, iotOrigin, iotRequest } from '../core/iot-request.ts';
import { checkRolesAnywhere } from './check-roles-anywhere.ts';
import type { AwsConfig, CredentialsConfig, IotConfig, NetworkConfig } from './config.ts';
import type { ForeignVariables } from './foreign-variables.ts';
import type { Host } from './host.ts';
import { missingOf } from './missing-of.ts';
import { quoted } from './parse-value.ts';
import { invalidValue, type Problems } from './problems.ts';
import type { Values } from './values.ts';

/** Route 53 is signed for this region in AWS's standard partition, wherever the client is. */
const standardRegion = 'us-east-1';

/** How AWS is reached and with which identity; undefined if a problem was noted. */
export function checkAws(
  values: Values,
  variables: ForeignVariables,
  host: Host,
  problems: Problems,
): AwsConfig | undefined {
  const credentials = checkCredentials(values, problems);
  const endpoint = variables.find('AWS_ENDPOINT_URL_ROUTE_53') ?? variables.find('AWS_ENDPOINT_URL');
  const route53Endpoint = endpoint && problems.attempt(endpoint.origin, () => endpointUrl(endpoint.text));
  const bundle = variables.find('AWS_CA_BUNDLE');
  if (credentials === undefined) return undefined;
  return {
    credentials,
    region: variables.find('AWS_REGION')?.text ?? regionOf(credentials),
    ...(route53Endpoint === undefined ? {} : { route53Endpoint }),
    ...(bundle === undefined ? {} : { caBundle: resolve(host.workingDirectory, bundle.text) }),
    variables: variables.onlyInFile,
  };
}

/** Tells the partition, where the identity tells it: Route 53 itself has one region in each. */
function regionOf(credentials: CredentialsConfig): string {
  return credentials.kind === 'roles-anywhere' ? credentials.region : standardRegion;
}

/** The proxy's URL is judged where it is used, without repeating it. */
export function networkConfig(variables: ForeignVariables): NetworkConfig {
  // Lower case first, as curl does.
  const httpsProxy = variables.find('https_proxy', 'HTTPS_PROXY')?.text;
  const noProxy = variables.find('no_proxy', 'NO_PROXY')?.text;
  const credentialsDirectory = variables.find('CREDENTIALS_DIRECTORY')?.text;
  return {
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    ...(noProxy === undefined ? {} : { noProxy }),
    ...(credentialsDirectory === undefined ? {} : { credentialsDirectory }),
  };
}

function endpointUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return text;
  throw invalidValue(
    `${quoted(text)} is not an http or https URL`,
    'give it like https://route53.amazonaws.com',
  );
}

function checkCredentials(values: Values, problems: Problems): CredentialsConfig | undefined {
  switch (values.get('credentials')) {
    case 'default':
      return { kind: 'default' };
    case 'iot':
      return checkIot(values, problems);
    case 'roles-anywhere':
      return checkRolesAnywhere(values, problems);
  }
}

const neededForIot = ['iot-endpoint', 'iot-role-alias', 'iot-cert', 'iot-key'] as const;

function checkIot(values: Values, problems: Problems): IotConfig | undefined {
  const endpoint = values.get('iot-endpoint');
  const roleAlias = values.get('iot-role-alias');
  const thingName = values.get('iot-thing-name');
  const keyPasswordFile = values.get('iot-key-password-file');
  const caFile = values.get('iot-ca');
  const certFile = values.get('iot-cert');
  const keyFile = values.get('iot-key');
  problems.add(
    ...missingOf('AWS credentials from IoT', neededForIot, values, {
      'iot-endpoint': `the endpoint is what this prints: ${describeEndpoint}`,
    }),
  );
  refuseImpossible({ endpoint, roleAlias, thingName }, values, problems);
  if (endpoint === undefined || roleAlias === undefined || certFile === undefined || keyFile === undefined) {
    return undefined;
  }
  return {
    kind: 'iot',
    endpoint,
    roleAlias,
    certFile,
    keyFile,
    ...(thingName === undefined ? {} : { thingName }),
    ...(keyPasswordFile === undefined ? {} : { keyPasswordFile }),
    ...(caFile === undefined ? {} : { caFile }),
  };
}

interface IotNames {
  readonly endpoint: string | undefined;
  readonly roleAlias: string | undefined;
  readonly thingName: string | undefined;
}

/** Asks for each name alone, so that every refusal says where its own value came from. */
function refuseImpossible(
  { endpoint, roleAlias, thingName }: IotNames,
  values: Values,
  problems: Problems,
): void {
  const right = { endpoint: 'credentials.example', roleAlias: 'alias' };
  if (endpoint !== undefined) problems.attempt(values.origin('iot-endpoint'), () => iotOrigin(endpoint));
  if (roleAlias !== undefined) {
    problems.attempt(values.origin('iot-role-alias'), () => iotRequest({ ...right, roleAlias }));
  }
  if (thingName !== undefined) {
    problems.attempt(values.origin('iot-thing-name'), () => iotRequest({ ...right, thingName }));
  }
}
