import type { CredentialsRefusal } from '../core/credentials-refusal.ts';
import { describeEndpoint } from '../core/iot-request.ts';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { HttpFailure } from './http-failure.ts';

/**
 * No answer from the IoT credentials provider. A certificate that AWS does not know gets an alert in the handshake, or
 * the connection is closed without a word; the latter may also be an overloaded server, so it is asked again.
 */
export function iotFailure(failure: HttpFailure): CredentialsRefusal {
  switch (failure.kind) {
    case 'reset':
      return judgeClosed(failure);
    case 'timeout':
    case 'cut-off':
      return passing('credentials.unreachable', failure, networkHint);
    case 'tls':
      return judgeTls(failure);
    case 'untrusted':
      return final('credentials.server-untrusted', failure, trustHint);
    case 'too-large':
      return final(
        'credentials.bad-answer',
        failure,
        `check --iot-endpoint: ${describeEndpoint} prints the right one`,
      );
    case 'dns':
      return final(
        'credentials.unreachable',
        failure,
        `check the spelling of --iot-endpoint and the DNS of this host; ${describeEndpoint} prints the right one`,
      );
    case 'refused':
    case 'unreachable':
    case 'aborted':
      return final('credentials.unreachable', failure, networkHint);
  }
}

const networkHint = 'check the network of this host, its firewall (TCP 443 outwards) and HTTPS_PROXY';

const certificateHint =
  'the certificate must be ACTIVE in the AWS account and Region of the endpoint: aws iot describe-certificate --certificate-id ID';

const trustHint =
  "only Amazon's roots are trusted there, or those of --iot-ca: a proxy that opens TLS cannot work; check also the clock of this host";

function judgeTls(failure: HttpFailure): CredentialsRefusal {
  if (isAlert(failure)) {
    const sentence = `${failure.host} refused the device certificate in the TLS handshake`;
    return final('credentials.certificate-refused', failure, certificateHint, sentence);
  }
  const hint = `check --iot-endpoint: nothing there speaks TLS as AWS does; ${describeEndpoint} prints the right one`;
  return final('credentials.unreachable', failure, hint);
}

/** The peer spoke TLS and said no; OpenSSL's reason has the word. */
function isAlert({ cause }: HttpFailure): boolean {
  return cause instanceof Error && 'reason' in cause && /alert/i.test(String(cause.reason));
}

/** A network resets a connection, which shows as a failed system call; one closed in good order is the peer's decision. */
function judgeClosed(failure: HttpFailure): CredentialsRefusal {
  const isReset = failure.cause instanceof Error && 'syscall' in failure.cause;
  if (isReset) return passing('credentials.unreachable', failure, networkHint);
  return passing('credentials.certificate-refused', failure, `${certificateHint}; if it is, ${networkHint}`);
}

function passing(code: ErrorCode, failure: HttpFailure, hint: string): CredentialsRefusal {
  return { kind: 'retry', error: lanacmeError(code, failure, hint) };
}

function final(code: ErrorCode, failure: HttpFailure, hint: string, sentence?: string): CredentialsRefusal {
  return { kind: 'failed', error: lanacmeError(code, failure, hint, sentence) };
}

function lanacmeError(
  code: ErrorCode,
  failure: HttpFailure,
  hint: string,
  sentence = failure.message,
): LanacmeError {
  return new LanacmeError(code, sentence, { hint, cause: failure });
}
