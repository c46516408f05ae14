import {
  type CredentialsAnswer,
  type CredentialsRefusal,
  type RefusalRow,
  refusalByRows,
} from './credentials-refusal.ts';
import { describeEndpoint } from './iot-request.ts';

/** What was asked, as messages name it. */
export interface IotQuestion {
  readonly host: string;
  readonly roleAlias: string;
  readonly thingName?: string;
}

/**
 * An answer other than 200 as a typed error that names the AWS object to mend. The words are those that AWS Labs
 * measured (aws-iot-core-credential-provider-session-helper, docs/dev_notes.md).
 */
export function iotRefusal(answer: CredentialsAnswer, question: IotQuestion, now: Date): CredentialsRefusal {
  return refusalByRows([...rows, unknownRow], answer, question, now);
}

type Row = RefusalRow<IotQuestion>;

const policyHint = ({ roleAlias }: IotQuestion) =>
  'attach to the device certificate an IoT policy (not an IAM policy) that allows iot:AssumeRoleWithCertificate on ' +
  `arn:aws:iot:REGION:ACCOUNT:rolealias/${roleAlias}, and check the spelling of the alias: a misspelt one is refused in the same words; ` +
  'a changed policy takes a few minutes';

/** In the order of the provider's own checks; its words first, then what a status alone tells. */
const rows: readonly Row[] = [
  {
    code: 'credentials.certificate-refused',
    fits: ({ status, message }) => status === 403 && /certificate is invalid/i.test(message),
    message: ({ host }) => `${host} refused the device certificate`,
    hint: () =>
      'the certificate must be ACTIVE in the AWS account and Region of this endpoint (aws iot describe-certificate), and the endpoint must be ' +
      'asked under its own name, not by address or through a TLS-inspecting proxy',
  },
  {
    code: 'credentials.thing-name-refused',
    fits: ({ status, message }) => status === 403 && /invalid thing name/i.test(message),
    message: ({ thingName }) =>
      `the device certificate is not attached to a thing named '${thingName ?? ''}'`,
    hint: ({ thingName }) =>
      `correct --iot-thing-name, or attach the certificate: aws iot attach-thing-principal --thing-name ${thingName ?? 'NAME'} --principal CERTIFICATE_ARN`,
  },
  {
    code: 'credentials.access-denied',
    fits: ({ status }) => status === 401 || status === 403,
    message: ({ roleAlias }) => `the device certificate may not use the role alias '${roleAlias}'`,
    hint: policyHint,
  },
  {
    code: 'credentials.role-alias-missing',
    fits: ({ status, message }) => status === 404 && /role alias/i.test(message),
    message: ({ roleAlias, host }) => `there is no role alias '${roleAlias}' at ${host}`,
    hint: () =>
      'correct --iot-role-alias (case matters; aws iot list-role-aliases prints those of the account and Region), or make it with aws iot create-role-alias',
  },
  {
    code: 'credentials.wrong-endpoint',
    fits: ({ status }) => status === 404,
    message: ({ host }) => `${host} is not an IoT credential endpoint: it knows no role aliases`,
    hint: () => `set --iot-endpoint to what this prints: ${describeEndpoint}`,
  },
  {
    code: 'credentials.role-not-assumable',
    fits: ({ status, message }) => status === 400 && /unable to assume/i.test(message),
    message: ({ roleAlias }) =>
      `the IAM role behind the role alias '${roleAlias}' does not exist or does not trust AWS IoT`,
    hint: ({ roleAlias }) =>
      'the role needs a trust policy that allows sts:AssumeRole to the service credentials.iot.amazonaws.com; ' +
      `aws iot describe-role-alias --role-alias ${roleAlias} prints the role`,
  },
  {
    code: 'credentials.duration-too-long',
    fits: ({ status, message }) =>
      status === 400 && /MaxSessionDuration|CredentialDurationSeconds/i.test(message),
    message: ({ roleAlias }) =>
      `the role alias '${roleAlias}' asks for longer sessions than its IAM role allows`,
    hint: ({ roleAlias }) =>
      `lower it with aws iot update-role-alias --role-alias ${roleAlias} --credential-duration-seconds 3600, or raise the role's MaxSessionDuration`,
  },
  {
    code: 'credentials.throttled',
    retry: true,
    fits: ({ status }) => status === 429,
    message: ({ host }) => `${host} answers too many requests`,
    hint: () =>
      'try again later; the quota is AWS IoT Core, AssumeRoleWithCertificate API TPS, of the account and Region',
  },
  {
    code: 'credentials.server-error',
    retry: true,
    fits: ({ status }) => status >= 500,
    message: ({ host }, { status }) => `${host} failed with status ${status}`,
    hint: () => 'try again later; if it lasts, see the AWS Health Dashboard for AWS IoT Core in this Region',
  },
];

const unknownRow: Row = {
  code: 'credentials.bad-answer',
  fits: () => true,
  message: ({ host }, { status }) => `${host} gave no credentials but status ${status}`,
  hint: () =>
    `check that --iot-endpoint is what this prints, and that no proxy answers in its place: ${describeEndpoint}`,
};
