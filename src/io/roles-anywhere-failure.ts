import type { CredentialsRefusal } from '../core/credentials-refusal.ts';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { HttpFailure } from './http-failure.ts';

/** No answer from IAM Roles Anywhere. Its TLS asks for no certificate, so a broken handshake is never about ours. */
export function rolesAnywhereFailure(failure: HttpFailure): CredentialsRefusal {
  switch (failure.kind) {
    case 'reset':
    case 'timeout':
    case 'cut-off':
      return { kind: 'retry', error: lanacmeError('credentials.unreachable', failure, networkHint) };
    case 'untrusted':
      return failed('credentials.server-untrusted', failure, trustHint);
    case 'too-large':
      return failed('credentials.bad-answer', failure, endpointHint);
    case 'dns':
    case 'tls':
      return failed('credentials.unreachable', failure, endpointHint);
    case 'refused':
    case 'unreachable':
    case 'aborted':
      return failed('credentials.unreachable', failure, networkHint);
  }
}

const networkHint = 'check the network of this host, its firewall (TCP 443 outwards) and HTTPS_PROXY';

const endpointHint =
  'check the region in --roles-anywhere-trust-anchor-arn, --roles-anywhere-endpoint if it is given, and the DNS of this host';

const trustHint =
  'check the clock of this host; if a proxy opens TLS here, name the PEM of its root in AWS_CA_BUNDLE';

function failed(code: ErrorCode, failure: HttpFailure, hint: string): CredentialsRefusal {
  return { kind: 'failed', error: lanacmeError(code, failure, hint) };
}

function lanacmeError(code: ErrorCode, failure: HttpFailure, hint: string): LanacmeError {
  return new LanacmeError(code, failure.message, { hint, cause: failure });
}
