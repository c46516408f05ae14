import { LanacmeError } from '../errors.ts';

/** What is asked of the AWS IoT credentials provider (IoT Core developer guide, "Authorizing direct calls to AWS services"). */
export interface IotRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface IotIdentity {
  /** `host`, `host:port` or an `https://` URL. */
  readonly endpoint: string;
  readonly roleAlias: string;
  readonly thingName?: string;
}

/**
 * @throws LanacmeError `config.invalid-value` (nothing is sent anywhere) if an endpoint, alias or thing name surely
 * cannot work.
 */
export function iotRequest({ endpoint, roleAlias, thingName }: IotIdentity): IotRequest {
  const origin = iotOrigin(endpoint);
  if (!/^[\w=,@-]{1,128}$/.test(roleAlias)) throw badRoleAlias(roleAlias);
  if (thingName !== undefined && !/^[a-zA-Z0-9:_-]{1,128}$/.test(thingName)) throw badThingName(thingName);
  return {
    url: `${origin}/role-aliases/${encodeURIComponent(roleAlias)}/credentials`,
    headers: { accept: '*/*', ...(thingName === undefined ? {} : { 'x-amzn-iot-thingname': thingName }) },
  };
}

/** The endpoint as `https://host[:port]`. Every host is accepted but those that AWS is known to use for something else. */
export function iotOrigin(endpoint: string): string {
  const text = endpoint.includes('://') ? endpoint : `https://${endpoint}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url?.protocol !== 'https:' || !isBare) {
    throw invalid(
      `'${endpoint.slice(0, 300)}' is not an IoT credential endpoint`,
      'write it as host, host:port or https://host',
    );
  }
  const mistaken = mistakenEndpoint(url.hostname);
  if (mistaken !== undefined) {
    throw invalid(
      `${url.hostname} is ${mistaken} of AWS IoT, which gives no credentials`,
      `set --iot-endpoint to what this prints: ${describeEndpoint}`,
    );
  }
  return url.origin;
}

/** The command that prints the right endpoint. */
export const describeEndpoint = 'aws iot describe-endpoint --endpoint-type iot:CredentialProvider';

/** What the other values of `--endpoint-type` print. */
function mistakenEndpoint(host: string): string | undefined {
  if (/^[^.]+-ats\.iot\./.test(host)) return 'a data endpoint';
  if (/^[^.]+\.jobs\.iot\./.test(host)) return 'a jobs endpoint';
  if (/^[^.]+\.iot\.[^.]+\.amazonaws\.com(\.cn)?$/.test(host)) return 'a data endpoint';
  if (/^iot\.[^.]+\.amazonaws\.com(\.cn)?$/.test(host)) return 'the control plane';
  return undefined;
}

function badRoleAlias(roleAlias: string): LanacmeError {
  return invalid(
    `'${roleAlias.slice(0, 300)}' cannot be the name of an IoT role alias`,
    'a role alias has 1 to 128 letters, digits and _ = , @ -; aws iot list-role-aliases prints those of the account',
  );
}

function badThingName(thingName: string): LanacmeError {
  return invalid(
    `'${thingName.slice(0, 300)}' cannot be the name of an IoT thing`,
    'a thing name has 1 to 128 letters, digits and : _ -, and no dot; aws iot list-things prints those of the account',
  );
}

function invalid(message: string, hint: string): LanacmeError {
  return new LanacmeError('config.invalid-value', message, { hint, outcome: 'usage' });
}
