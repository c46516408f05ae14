import type { IotRefusal } from '../core/iot-refusal.ts';
import { describeEndpoint } from '../core/iot-request.ts';
import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { HttpFailure } from './http-failure.ts';

/**
 * No answer from the IoT credentials provider. Asking again helps only where the network stumbled: AWS ends the
 * connection of a certificate that it does not know with an alert, or without a word.
 */
export function iotFailure(failure: HttpFailure): IotRefusal {
  switch (failure.kind) {
    case 'reset':
      return passing(
        failure,
        `${networkHint}; AWS also hangs up on a device certificate that is unknown or not ACTIVE there`,
      );
    case 'timeout':
    case 'cut-off':
      return passing(failure, networkHint);
    case 'tls':
      return isAlert(failure)
        ? final(
            'credentials.certificate-refused',
            failure,
            certificateHint,
            `${failure.host} refused the device certificate in the TLS handshake`,
          )
        : final(
            'credentials.unreachable',
            failure,
            `check --iot-endpoint: nothing there speaks TLS as AWS does; ${describeEndpoint} prints the right one`,
          );
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

/** The peer spoke TLS and said no; OpenSSL's reason has the word. */
function isAlert({ cause }: HttpFailure): boolean {
  return cause instanceof Error && 'reason' in cause && /alert/i.test(String(cause.reason));
}

function passing(failure: HttpFailure, hint: string): IotRefusal {
  return { kind: 'retry', error: lanacmeError('credentials.unreachable', failure, hint) };
}

function final(code: ErrorCode, failure: HttpFailure, hint: string, sentence?: string): IotRefusal {
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
