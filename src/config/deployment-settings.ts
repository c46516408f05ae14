import { within } from './setting.ts';

const ordering = ['issue', 'renew'] as const;
const deploying = ['issue', 'renew', 'deploy', 'rollback'] as const;
const second = 1000;
const hour = 3600 * second;

/** What happens once a certificate is there: rows of the table of settings. */
export const deploymentSettings = {
  ...within('Deployment', deploying, {
    'deploy-hook': {
      kind: 'commands',
      placeholder: 'COMMAND',
      help: 'shell command to run once a new certificate is in place; may be repeated',
      example: 'systemctl reload nginx',
    },
    'hook-timeout': {
      kind: 'duration',
      placeholder: 'TIME',
      help: 'longest time that a hook may take',
      default: '120s',
      bounds: [second, 6 * hour],
    },
    'hook-user': {
      kind: 'text',
      placeholder: 'USER',
      help: 'user to run hooks as, when root',
      example: 'www-data',
    },
    'pre-hook': {
      kind: 'commands',
      placeholder: 'COMMAND',
      help: 'shell command to run before the first order of a run; may be repeated',
      example: 'logger lanacme orders',
      commands: ordering,
    },
    'post-hook': {
      kind: 'commands',
      placeholder: 'COMMAND',
      help: 'shell command to run after the last order of a run, whatever came of it; may be repeated',
      example: 'logger lanacme has ordered',
      commands: ordering,
    },
    'no-hooks': {
      kind: 'boolean',
      help: 'run no hooks, leave them to lanacme deploy',
      commands: ['issue', 'renew', 'rollback'],
    },
    check: {
      kind: 'list',
      placeholder: 'HOST:PORT[/SNI]',
      help: 'server that must serve the new certificate after the hooks; may be repeated',
      example: 'localhost:443/nas.lan.example',
    },
    'rollback-on-failure': {
      kind: 'boolean',
      help: 'go back to the version before if a hook or a check fails',
    },
    'key-group': {
      kind: 'text',
      placeholder: 'GROUP',
      help: 'group that may read private keys, or the file of credentials (a line of the env file is for keys alone)',
      example: 'ssl-cert',
      defaultText: 'nobody but the owner',
      commands: [...ordering, 'credentials'],
    },
    owner: {
      kind: 'text',
      placeholder: 'USER',
      help: 'owner of keys and certificates',
      example: 'postgres',
      defaultText: 'the owner of the state folder',
      commands: ordering,
    },
    combined: {
      kind: 'boolean',
      help: 'also write combined.pem (chain and key in one, for HAProxy)',
      commands: ordering,
    },
    'pkcs12-password-file': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'also write bundle.p12, with the password in this file',
      example: '/etc/lanacme/pkcs12-password',
      commands: ordering,
    },
  }),
};
