import type { ErrorCode } from '../errors.ts';
import type { AwsOperation, AwsRefusal } from './aws-operation.ts';
import { offsetWords, setClock, toleratedOffsetMs } from './clock-offset.ts';

/** How one kind of refusal is told. */
export interface Row {
  readonly codes: readonly string[];
  readonly kind: 'retry' | 'new-session' | 'failed';
  readonly code: ErrorCode;
  readonly what: (operation: AwsOperation) => string;
  readonly hint: (operation: AwsOperation, refusal: AwsRefusal) => string;
}

/** The row of a refusal: by its code; without one that we know, by its status. */
export function rowOf(refusal: AwsRefusal): Row {
  const row = rows.find(({ codes }) => refusal.code !== undefined && codes.includes(refusal.code));
  if (row === undefined) return rowOfStatus(refusal);
  // A signature fails for a wrong clock or a wrong secret: the answer's Date tells which.
  return row === signatureRow && isClockOff(refusal) ? clockRow : row;
}

function rowOfStatus({ status, code }: AwsRefusal): Row {
  if (status >= 500) return serverErrorRow;
  if (code !== undefined) return refusedRow;
  return status === 200 ? brokenAnswerRow : notAwsRow;
}

function isClockOff({ clockOffsetMs }: AwsRefusal): boolean {
  return clockOffsetMs !== undefined && Math.abs(clockOffsetMs) > toleratedOffsetMs;
}

const quotaHint = () =>
  'all hosts and tools of an AWS account share 5 to 10 Route 53 requests a second: try again later, or spread the timers of the hosts';
const sessionHint = () =>
  'the session ended early or belongs to another AWS partition: check the IAM role for a revoked session and AWS_REGION, then try again';
const proxyHint = () => 'check AWS_ENDPOINT_URL_ROUTE_53 and any proxy that may answer in the place of AWS';

const clockRow: Row = {
  codes: ['RequestExpired', 'RequestTimeTooSkewed'],
  kind: 'failed',
  code: 'route53.clock-skew',
  what: () => 'Route 53 refused the time of the request',
  hint: (_operation, { clockOffsetMs }) =>
    `the clock of this host is ${clockOffsetMs === undefined ? 'off' : offsetWords(clockOffsetMs)}: ${setClock}`,
};

const signatureRow: Row = {
  codes: [
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'IncompleteSignature',
    'MissingAuthenticationToken',
  ],
  kind: 'failed',
  code: 'route53.session-refused',
  what: () => 'Route 53 refused the signature',
  hint: () => 'the secret key is wrong, or a proxy changes requests on their way',
};

const rows: readonly Row[] = [
  {
    codes: [
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'TooManyRequestsException',
      'RequestLimitExceeded',
    ],
    kind: 'retry',
    code: 'route53.throttled',
    what: ({ name }) => `Route 53 throttled ${name}`,
    hint: quotaHint,
  },
  {
    codes: ['PriorRequestNotComplete'],
    kind: 'retry',
    code: 'route53.throttled',
    what: ({ zoneId }) =>
      `the hosted zone${zoneId === undefined ? '' : ` ${zoneId}`} is busy with another change`,
    hint: () => 'a zone takes one change at a time, and other writers keep it busy: try again later',
  },
  {
    codes: ['AccessDenied', 'AccessDeniedException', 'NotAuthorizedException', 'UnauthorizedOperation'],
    kind: 'failed',
    code: 'route53.access-denied',
    what: ({ name }) => `Route 53 denied ${name}`,
    hint: permissionHint,
  },
  {
    codes: ['NoSuchHostedZone', 'HostedZoneNotFound'],
    kind: 'failed',
    code: 'route53.zone-not-found',
    what: ({ zoneId }) => `this AWS account has no hosted zone${zoneId === undefined ? '' : ` ${zoneId}`}`,
    hint: () =>
      'check --zone-id, and that the role belongs to the account of the zone; aws route53 list-hosted-zones prints the ids',
  },
  {
    codes: ['NoSuchChange'],
    kind: 'failed',
    code: 'route53.unknown-change',
    what: ({ changeId }) => `Route 53 does not know the change ${changeId ?? ''}`.trimEnd(),
    hint: () => 'this says nothing about the change itself: ask the name servers of the zone',
  },
  {
    codes: [
      'ExpiredToken',
      'ExpiredTokenException',
      'InvalidClientTokenId',
      'UnrecognizedClientException',
      'InvalidToken',
      'TokenRefreshRequired',
    ],
    kind: 'new-session',
    code: 'route53.session-refused',
    what: () => 'Route 53 refused the session',
    hint: sessionHint,
  },
  clockRow,
  signatureRow,
];

const serverErrorRow: Row = {
  codes: [],
  kind: 'retry',
  code: 'route53.server-error',
  what: ({ name }) => `Route 53 failed at ${name}`,
  hint: () => 'try again later; if it lasts, see the AWS Health Dashboard for Route 53',
};

const refusedRow: Row = {
  codes: [],
  kind: 'failed',
  code: 'route53.refused',
  what: ({ name }) => `Route 53 refused ${name}`,
  hint: () =>
    'if --zone and --zone-id are right this is a bug in lanacme: please report it with the output of --log-level debug',
};

const brokenAnswerRow: Row = {
  codes: [],
  kind: 'retry',
  code: 'route53.bad-answer',
  what: ({ name }) => `the answer to ${name} is not one of Route 53`,
  hint: proxyHint,
};

const notAwsRow: Row = { ...brokenAnswerRow, kind: 'failed' };

function permissionHint({ name, zoneId = 'ZONE_ID' }: AwsOperation): string {
  const resource = {
    ChangeResourceRecordSets: `arn:aws:route53:::hostedzone/${zoneId}`,
    ListResourceRecordSets: `arn:aws:route53:::hostedzone/${zoneId}`,
    GetChange: 'arn:aws:route53:::change/*',
    ListHostedZones: '*',
    ListHostedZonesByName: '*',
  }[name];
  const allow = `the role needs an IAM statement that allows route53:${name} on ${resource}`;
  if (name === 'ChangeResourceRecordSets')
    return `${allow}; a condition in it must admit every name, type and action of the batch`;
  return name.startsWith('ListHostedZones') ? `${allow}; with --zone-id it is not needed` : allow;
}
