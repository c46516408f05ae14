/** Settings of the design whose features are not built yet: known by name, refused when used. */
import { type Setting, within } from './setting.ts';

const ordering = ['issue', 'renew'] as const;
const deploying = ['issue', 'renew', 'deploy', 'rollback'] as const;
const identifying = ['issue', 'renew', 'cleanup', 'doctor', 'policy', 'credentials'] as const;

type Row = Omit<Setting, 'group' | 'commands'>;

const file = (help: string): Row => ({ kind: 'file', placeholder: 'FILE', help });
const path = (help: string): Row => ({ kind: 'path', placeholder: 'FILE', help });
const text = (placeholder: string, help: string): Row => ({ kind: 'text', placeholder, help });
const list = (placeholder: string, help: string): Row => ({ kind: 'list', placeholder, help });
const commands = (help: string): Row => ({ kind: 'commands', placeholder: 'COMMAND', help });
const boolean = (help: string): Row => ({ kind: 'boolean', help });

const rows: Readonly<Record<string, Setting>> = {
  ...within('The certificate', ['issue'], {
    csr: file('a certificate request to use instead of a new key'),
  }),
  ...within('The certificate', ['revoke'], {
    reason: text('REASON', 'why it is revoked'),
  }),
  ...within('The CA', ordering, {
    'ca-limits': {
      kind: 'choice',
      placeholder: 'CA',
      help: 'whose limits the local ledger knows',
      choices: ['letsencrypt', 'letsencrypt-staging', 'none'],
      defaultText: 'by directory URL',
    },
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
  ...within('Deployment', ordering, {
    'pre-hook': commands('shell command to run before anything is attempted'),
    'post-hook': commands('shell command to run after everything was attempted'),
    'no-hooks': boolean('leave hooks to lanacme deploy'),
    'key-group': text('GROUP', 'group that may read private keys'),
    owner: text('USER', 'owner of certificates and keys'),
    combined: boolean('also write combined.pem, for HAProxy'),
    'pkcs12-password-file': file('also write bundle.p12, with the password in this file'),
  }),
  ...within('Deployment', deploying, {
    'hook-user': text('USER', 'user to run hooks as, when root'),
    check: list('HOST:PORT[/SNI]', 'server that must serve the new certificate after deployment'),
    'rollback-on-failure': boolean('go back to the version before if it does not'),
  }),
  ...within('This run', ['renew'], {
    'metrics-file': path('Prometheus textfile to write'),
  }),
  ...within('This run', ['status'], {
    'check-expiry': { kind: 'integer', placeholder: 'DAYS', help: 'exit 1 if a certificate ends sooner' },
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
