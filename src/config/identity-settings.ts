import { within } from './setting.ts';

const identifying = ['issue', 'renew', 'cleanup', 'doctor', 'policy', 'credentials'] as const;

/** Who this host is at AWS: rows of the table of settings. */
export const identitySettings = {
  ...within('Identity at AWS', identifying, {
    credentials: {
      kind: 'choice',
      placeholder: 'SOURCE',
      help: "source of AWS credentials; default is the AWS SDK's own chain",
      choices: ['iot', 'roles-anywhere', 'default'],
      laterChoices: ['roles-anywhere'],
      default: 'iot',
    },
  }),
  ...within('Identity at AWS: IoT', identifying, {
    'iot-endpoint': {
      kind: 'text',
      placeholder: 'HOST',
      help: 'the credential endpoint of the AWS account: host, host:port or https URL',
      example: 'c0123456789abc.credentials.iot.eu-central-1.amazonaws.com',
    },
    'iot-role-alias': {
      kind: 'text',
      placeholder: 'ALIAS',
      help: 'the role alias to ask credentials for',
      example: 'lanacme',
    },
    'iot-thing-name': {
      kind: 'text',
      placeholder: 'THING',
      help: 'the thing that the device certificate is attached to',
      example: 'pump-7',
    },
    'iot-cert': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of the device certificate',
      example: '/etc/lanacme/device.pem',
    },
    'iot-key': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of its private key, or credential:NAME; refused if others can read it',
      example: '/etc/lanacme/device.key',
    },
    'iot-key-password-file': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'file with the password of an encrypted key',
      example: '/etc/lanacme/device-key-password',
    },
    'iot-ca': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of the roots that the endpoint must chain to',
      example: '/etc/lanacme/iot-roots.pem',
      defaultText: "Amazon's roots",
    },
  }),
};
