/** The three ARNs that name an identity at IAM Roles Anywhere, and what follows from them. */
import { LanacmeError } from '../errors.ts';

export interface RolesAnywhereArns {
  readonly trustAnchorArn: string;
  readonly profileArn: string;
  readonly roleArn: string;
}

export type RolesAnywhereArn = keyof RolesAnywhereArns;

/** Of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. IAM has no region. */
interface ArnParts {
  readonly partition: string;
  readonly region: string;
}

/** UUIDs today; the API's own pattern leaves them open. */
const id = String.raw`[\w-]{1,128}`;
const regional = String.raw`^arn:(aws[a-z-]*):rolesanywhere:([a-z]{2,}(?:-[a-z]+)+-\d+):\d{12}:`;

/** IAM User Guide, "IAM identifiers"; rolesanywhere 2018-05-10, TrustAnchorArn and ProfileArn. */
const forms: Readonly<Record<RolesAnywhereArn, { pattern: RegExp; what: string; hint: string }>> = {
  trustAnchorArn: {
    pattern: new RegExp(`${regional}trust-anchor/${id}$`),
    what: 'the ARN of a trust anchor',
    hint: 'aws rolesanywhere list-trust-anchors prints those of a region',
  },
  profileArn: {
    pattern: new RegExp(`${regional}profile/${id}$`),
    what: 'the ARN of a Roles Anywhere profile',
    hint: 'aws rolesanywhere list-profiles prints those of a region',
  },
  roleArn: {
    // A path may hold any printable character; the name these only.
    pattern: /^arn:(aws[a-z-]*):iam:():\d{12}:role\/(?:[!-~]{0,510}\/)?[\w+=,.@-]{1,64}$/,
    what: 'the ARN of an IAM role',
    hint: 'aws iam get-role --role-name NAME prints it',
  },
};

/**
 * @throws LanacmeError `config.invalid-value` if the text cannot be an ARN of that kind.
 */
export function parseRolesAnywhereArn(kind: RolesAnywhereArn, text: string): ArnParts {
  const { pattern, what, hint } = forms[kind];
  const [, partition, region] = pattern.exec(text) ?? [];
  if (partition === undefined || region === undefined) {
    throw invalid(`'${text.slice(0, 300)}' is not ${what}`, hint);
  }
  return { partition, region };
}

/**
 * Refuses a profile or a role that cannot belong to a trust anchor: the service is regional, and no partition knows
 * another one.
 *
 * @throws LanacmeError `config.invalid-value`.
 */
export function refuseElsewhere(kind: 'profileArn' | 'roleArn', arns: RolesAnywhereArns): void {
  const anchor = parseRolesAnywhereArn('trustAnchorArn', arns.trustAnchorArn);
  const other = parseRolesAnywhereArn(kind, arns[kind]);
  const what = kind === 'profileArn' ? 'profile' : 'role';
  if (other.partition !== anchor.partition) {
    throw invalid(
      `the ${what} is in the partition ${other.partition}, the trust anchor in ${anchor.partition}`,
      `give the ${what} of the trust anchor's own account`,
    );
  }
  if (kind === 'profileArn' && other.region !== anchor.region) {
    throw invalid(
      `the profile is in ${other.region}, the trust anchor in ${anchor.region}`,
      `a trust anchor works with profiles of its own region: aws rolesanywhere list-profiles --region ${anchor.region}`,
    );
  }
}

/** Domains of the service by partition (AWS General Reference, "IAM Roles Anywhere endpoints"). */
const domains = new Map([
  ['aws', 'amazonaws.com'],
  ['aws-us-gov', 'amazonaws.com'],
  ['aws-cn', 'amazonaws.com.cn'],
]);

/** Where sessions of this trust anchor are created, as `https://host`; undefined for a partition that lanacme does not know. */
export function defaultRolesAnywhereEndpoint(trustAnchorArn: string): string | undefined {
  const { partition, region } = parseRolesAnywhereArn('trustAnchorArn', trustAnchorArn);
  const domain = domains.get(partition);
  return domain === undefined ? undefined : `https://rolesanywhere.${region}.${domain}`;
}

/**
 * A configured endpoint as `https://host[:port]`. On loopback it may do without TLS, as a relay or an imitation of AWS does:
 * the request is signed, and the credentials in the answer do not leave this host.
 *
 * @throws LanacmeError `config.invalid-value`.
 */
export function rolesAnywhereOrigin(endpoint: string): string {
  const text = endpoint.includes('://') ? endpoint : `https://${endpoint}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBare = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (isBare && isPrivate(url)) return url.origin;
  throw invalid(
    `'${endpoint.slice(0, 300)}' is not an endpoint of IAM Roles Anywhere`,
    'write it as host, host:port or https://host; without it, that of the region of the trust anchor is asked',
  );
}

/**
 * Refuses what STS would (AssumeRole, RoleSessionName).
 *
 * @throws LanacmeError `config.invalid-value`.
 */
export function checkSessionName(name: string): string {
  if (/^[\w+=,.@-]{2,64}$/.test(name)) return name;
  throw invalid(
    `'${name.slice(0, 300)}' cannot be the name of a session`,
    'a role session name has 2 to 64 letters, digits and _ + = , . @ -',
  );
}

function isPrivate({ protocol, hostname }: URL): boolean {
  const isHere = /^(?:127\.0\.0\.1|\[::1\]|localhost)$/.test(hostname);
  return protocol === 'https:' || (protocol === 'http:' && isHere);
}

function invalid(message: string, hint: string): LanacmeError {
  return new LanacmeError('config.invalid-value', message, { hint, outcome: 'usage' });
}
