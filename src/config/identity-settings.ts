import { within } from './setting.ts';

const identifying = ['issue', 'renew', 'cleanup', 'doctor', 'policy', 'credentials'] as const;
/** Tells how long the certificate is good that this host is known by. */
const alsoStatus = [...identifying, 'status'] as const;

/** Who this host is at AWS: rows of the table of settings. */
export const identitySettings = {
  ...within('Identity at AWS', alsoStatus, {
    credentials: {
      kind: 'choice',
      placeholder: 'SOURCE',
      help: "source of AWS credentials; default is the AWS SDK's own chain",
      choices: ['iot', 'roles-anywhere', 'default'],
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
      commands: alsoStatus,
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
  ...within('Identity at AWS: Roles Anywhere', identifying, {
    'roles-anywhere-trust-anchor-arn': {
      kind: 'text',
      placeholder: 'ARN',
      help: 'the trust anchor, which stands for the private CA; its region is the one that is asked',
      example:
        'arn:aws:rolesanywhere:eu-central-1:123456789012:trust-anchor/4c0d8b1e-5f0a-4a53-9d0f-2c1e9a7b3d64',
    },
    'roles-anywhere-profile-arn': {
      kind: 'text',
      placeholder: 'ARN',
      help: 'the profile, in the same region',
      example: 'arn:aws:rolesanywhere:eu-central-1:123456789012:profile/9b7e2f4a-1c3d-4e5f-8a6b-0d9c8e7f6a5b',
    },
    'roles-anywhere-role-arn': {
      kind: 'text',
      placeholder: 'ARN',
      help: 'the role to ask credentials for',
      example: 'arn:aws:iam::123456789012:role/lanacme',
    },
    'roles-anywhere-cert': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of the certificate, from a private CA; never one that lanacme renews',
      example: '/etc/lanacme/identity.pem',
      commands: alsoStatus,
    },
    'roles-anywhere-key': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of its private key, or credential:NAME; refused if others can read it',
      example: '/etc/lanacme/identity.key',
    },
    'roles-anywhere-key-password-file': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'file with the password of an encrypted key',
      example: '/etc/lanacme/identity-key-password',
    },
    'roles-anywhere-chain': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of the intermediate certificates between it and the trust anchor',
      example: '/etc/lanacme/identity-chain.pem',
      defaultText: 'those that follow in the file of the certificate',
    },
    'roles-anywhere-session-name': {
      kind: 'text',
      placeholder: 'NAME',
      help: 'name of the session; the profile must accept role session names',
      example: 'pump-7',
      defaultText: 'the serial of the certificate',
    },
    'roles-anywhere-session-name-totp-seed-file': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'file with a base32 seed: the name of the session is its TOTP code (RFC 6238)',
      example: '/etc/lanacme/session-seed',
    },
    'roles-anywhere-endpoint': {
      kind: 'text',
      placeholder: 'URL',
      help: 'where to create sessions: host, host:port or https URL',
      example: 'https://rolesanywhere.eu-central-1.api.aws',
      defaultText: 'of the region of the trust anchor',
    },
  }),
};
