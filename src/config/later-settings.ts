/** Settings of the design whose features are not built yet: known by name, refused when used. */
import { type Setting, within } from './setting.ts';

const identifying = ['issue', 'renew', 'cleanup', 'doctor', 'policy', 'credentials'] as const;

type Row = Omit<Setting, 'group' | 'commands'>;

const file = (help: string): Row => ({ kind: 'file', placeholder: 'FILE', help });
const path = (help: string): Row => ({ kind: 'path', placeholder: 'FILE', help });
const text = (placeholder: string, help: string): Row => ({ kind: 'text', placeholder, help });
const boolean = (help: string): Row => ({ kind: 'boolean', help });

const rows: Readonly<Record<string, Setting>> = {
  ...within('The certificate', ['issue'], {
    csr: file('a certificate request to use instead of a new key'),
  }),
  ...within('Identity at AWS: Roles Anywhere', identifying, {
    'roles-anywhere-trust-anchor-arn': text('ARN', 'the trust anchor'),
    'roles-anywhere-profile-arn': text('ARN', 'the profile'),
    'roles-anywhere-role-arn': text('ARN', 'the role'),
    'roles-anywhere-cert': file('PEM of the certificate'),
    'roles-anywhere-key': file('PEM of its private key'),
    'roles-anywhere-key-password-file': file('file with the password of an encrypted key'),
    'roles-anywhere-chain': file('PEM of the intermediate certificates'),
    'roles-anywhere-session-name': text('NAME', 'name of the session'),
    'roles-anywhere-session-name-totp-seed-file': file('file with the seed of a TOTP code as its name'),
    'roles-anywhere-endpoint': text('URL', 'where to create sessions'),
  }),
  ...within('This run', ['doctor'], {
    'probe-rights': boolean('find out which changes AWS would allow, without making one'),
  }),
  ...within('This run', ['credentials'], {
    port: { kind: 'integer', placeholder: 'PORT', help: 'port of the credentials endpoint on loopback' },
    'token-file': path('file for its bearer token'),
    output: path('file to write credentials to'),
    format: {
      kind: 'choice',
      placeholder: 'FORMAT',
      help: 'form of the credentials',
      choices: ['process', 'env', 'file', 'json'],
    },
  }),
};

export const laterSettings: ReadonlyMap<string, Setting> = new Map(
  Object.entries(rows).map(([option, row]) => [option, { ...row, built: false }]),
);
