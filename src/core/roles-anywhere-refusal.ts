import { setClock } from './clock-offset.ts';
import {
  type CredentialsAnswer,
  type CredentialsRefusal,
  type Refusal,
  type RefusalRow,
  refusalByRows,
} from './credentials-refusal.ts';
import type { RolesAnywhereArns } from './roles-anywhere-arn.ts';

/** What was asked, as messages name it. */
export interface RolesAnywhereQuestion extends RolesAnywhereArns {
  readonly host: string;
  readonly region: string;
  readonly certFile: string;
  /** How many intermediates were sent. */
  readonly chainLength: number;
  readonly sessionName?: string;
}

/**
 * An answer other than 201 as a typed error that names the AWS object to mend. AWS documents three types of errors and
 * no sentence: the words are those that users of its helper report (aws/rolesanywhere-credential-helper, issues 77, 108).
 */
export function rolesAnywhereRefusal(
  answer: CredentialsAnswer,
  question: RolesAnywhereQuestion,
  now: Date,
): CredentialsRefusal {
  return refusalByRows([...rows, unknownRow], answer, question, now);
}

type Row = RefusalRow<RolesAnywhereQuestion>;

/** Of a refusal: which status goes with which words, nobody has written down. */
const says =
  (words: RegExp) =>
  ({ status, message }: Pick<Refusal, 'status' | 'message'>): boolean =>
    status >= 400 && status < 500 && words.test(message);

/** Constraints of the service on a leaf (Roles Anywhere User Guide, "Signature verification"). */
const fitLeaf =
  'it must be X.509 v3, no CA, with digitalSignature in its key usage, a subject that is not empty, and a signature with SHA-256 or stronger';

/** Words first, the longer sentence before the one that it begins with; then what a type or a status alone tells. */
const rows: readonly Row[] = [
  {
    code: 'credentials.throttled',
    retry: true,
    fits: ({ status, errorType, message }) =>
      status === 429 ||
      /throttl|TooManyRequests/i.test(errorType ?? '') ||
      says(/^rate exceeded/i)({ status, message }),
    message: ({ host }) => `${host} answers too many requests`,
    hint: () =>
      'try again later; CreateSession is limited by certificate, by address and to 10 a second for the account and Region',
  },
  {
    code: 'credentials.bad-answer',
    // AWS answers in JSON. A gateway of theirs may have a page for its own failures, and for a path it does not know.
    fits: (refusal) => refusal.status !== 404 && says(/^<[a-z!?]/i)(refusal),
    message: ({ host }, { status }) =>
      `something else answers in the place of ${host}: a page with status ${status}`,
    hint: () =>
      'look whether this network wants a login or a proxy (HTTPS_PROXY), and check --roles-anywhere-endpoint if it is given',
  },
  {
    code: 'credentials.certificate-unfit',
    fits: says(/insufficient certificate/i),
    message: ({ certFile }) => `IAM Roles Anywhere takes no certificate such as the one in ${certFile}`,
    hint: () => `${fitLeaf}; most often it is the key usage: openssl x509 -noout -text shows it`,
  },
  {
    code: 'credentials.certificate-refused',
    fits: says(/untrusted|certificate.*(expired|revoked)/i),
    message: ({ certFile, trustAnchorArn }) =>
      `the certificate in ${certFile} does not chain to the trust anchor ${trustAnchorArn}`,
    hint: ({ chainLength }) =>
      `the trust anchor must hold the root of the CA that issued it, and --roles-anywhere-chain every CA certificate between them (${chainLength} sent); ` +
      'neither may have expired or be revoked in an imported CRL',
  },
  {
    code: 'credentials.duration-too-long',
    fits: says(/MaxSessionDuration/i),
    message: ({ roleArn }) => `the role ${roleArn} allows no session as long as the one asked for`,
    hint: ({ roleArn }) =>
      `raise its MaxSessionDuration to an hour at least: aws iam update-role --role-name ${nameOf(roleArn)} --max-session-duration 3600`,
  },
  {
    code: 'credentials.attributes-refused',
    fits: (refusal) =>
      says(/failed to be mapped|packed ?policy/i)(refusal) ||
      /^PackedPolicyTooLarge/.test(refusal.errorType ?? ''),
    message: ({ certFile }) => `what the certificate in ${certFile} says cannot become session tags`,
    hint: () =>
      'a tag takes letters, digits, spaces and _ . : / = + - @ only (no *), and all of them share one budget: change the certificate, or map less of it with ' +
      'aws rolesanywhere delete-attribute-mapping',
  },
  {
    code: 'credentials.session-name-refused',
    fits: (refusal, { sessionName }) => sessionName !== undefined && says(/session ?name/i)(refusal),
    message: ({ profileArn }) => `the profile ${profileArn} accepts no names of sessions`,
    hint: ({ profileArn }) =>
      `aws rolesanywhere update-profile --profile-id ${nameOf(profileArn)} --accept-role-session-name, or leave out --roles-anywhere-session-name`,
  },
  {
    code: 'credentials.role-not-assumable',
    fits: says(/unable to assume/i),
    message: ({ roleArn }) => `IAM Roles Anywhere may not assume the role ${roleArn} for this certificate`,
    hint: ({ profileArn, trustAnchorArn, roleArn, sessionName }) =>
      `the profile ${nameOf(profileArn)} must list the role, and its trust policy allow sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity to ` +
      `rolesanywhere.amazonaws.com, with conditions that fit the certificate and ${trustAnchorArn}: aws iam get-role --role-name ${nameOf(roleArn)}` +
      (sessionName === undefined ? '' : '; a session name needs a profile with acceptRoleSessionName'),
  },
  {
    code: 'credentials.clock-skew',
    fits: says(/expired|not yet current|skew|x-amz-date/i),
    message: ({ host }) => `${host} says that the request was signed at another time than now`,
    hint: () => `the clock of this host is off by more than five minutes: ${setClock}`,
  },
  {
    code: 'credentials.wrong-endpoint',
    fits: says(/scoped to a valid region/i),
    message: ({ host, region }) =>
      `${host} is of another region than the trust anchor, which is in ${region}`,
    hint: () => 'leave out --roles-anywhere-endpoint: that of the region of the trust anchor is asked then',
  },
  {
    code: 'credentials.signature-refused',
    fits: says(/signature|credential|authentication token/i),
    message: ({ host }) => `${host} takes the signature of the request for wrong`,
    hint: () =>
      'a proxy may have changed the request on its way, or the clock of this host is off: compare it with timedatectl; if both are good, this is a bug in lanacme',
  },
  {
    code: 'credentials.profile-missing',
    fits: ({ status, message }) => status === 404 && /profile/i.test(message),
    message: ({ profileArn }) => `there is no profile ${profileArn}`,
    hint: ({ region }) =>
      `correct --roles-anywhere-profile-arn: aws rolesanywhere list-profiles --region ${region} prints those of the account`,
  },
  {
    code: 'credentials.trust-anchor-missing',
    fits: ({ status, message, errorType }) =>
      status === 404 && (/trust ?anchor/i.test(message) || errorType === 'ResourceNotFoundException'),
    message: ({ trustAnchorArn }) => `there is no trust anchor ${trustAnchorArn}`,
    hint: ({ region }) =>
      `correct --roles-anywhere-trust-anchor-arn: aws rolesanywhere list-trust-anchors --region ${region} prints those of the account`,
  },
  {
    code: 'credentials.wrong-endpoint',
    fits: ({ status }) => status === 404,
    message: ({ host }) => `${host} is not an endpoint of IAM Roles Anywhere: it creates no sessions`,
    hint: () => 'leave out --roles-anywhere-endpoint: that of the region of the trust anchor is asked then',
  },
  {
    code: 'credentials.access-denied',
    fits: ({ status }) => status === 401 || status === 403,
    message: ({ roleArn }) => `IAM Roles Anywhere gives this certificate no session of the role ${roleArn}`,
    hint: ({ profileArn, sessionName }) =>
      `look whether the trust anchor and the profile are enabled (aws rolesanywhere get-profile --profile-id ${nameOf(profileArn)}), and whether the profile lists the role` +
      (sessionName === undefined ? '' : ' and accepts role session names'),
  },
  {
    code: 'credentials.request-refused',
    fits: ({ status }) => status === 400,
    message: ({ host }) => `${host} takes no request like this`,
    hint: () => 'check the ARNs in --roles-anywhere-trust-anchor-arn, -profile-arn and -role-arn',
  },
  {
    code: 'credentials.server-error',
    retry: true,
    fits: ({ status }) => status >= 500,
    message: ({ host }, { status }) => `${host} failed with status ${status}`,
    hint: () =>
      'try again later; if it lasts, see the AWS Health Dashboard for IAM Roles Anywhere in this Region',
  },
];

const unknownRow: Row = {
  code: 'credentials.bad-answer',
  fits: () => true,
  message: ({ host }, { status }) => `${host} gave no credentials but status ${status}`,
  hint: () => 'check --roles-anywhere-endpoint, and that no proxy answers in its place',
};

/** The last part of an ARN: a role's name without its path, or an id. */
function nameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
