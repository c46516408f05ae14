import { within } from './setting.ts';

/** How other programs get AWS credentials: rows of the table of settings. */
export const credentialsSettings = {
  ...within('This run', ['credentials'], {
    format: {
      kind: 'choice',
      placeholder: 'FORMAT',
      help: 'form of the credentials: for credential_process, for eval in sh, JSON, or a section of a credentials file',
      choices: ['process', 'env', 'json', 'file'],
      defaultText: 'process; file with --output',
      example: 'env',
    },
    output: {
      kind: 'path',
      placeholder: 'FILE',
      help: 'file to write them to, for its owner alone or also for --key-group, in place of standard output',
      example: '/run/lanacme-credentials/credentials',
    },
    'aws-profile': {
      kind: 'text',
      placeholder: 'PROFILE',
      help: 'whose section of the credentials file is replaced',
      default: 'default',
      example: 'lanacme',
    },
    port: {
      kind: 'integer',
      placeholder: 'PORT',
      help: 'port of the endpoint on loopback that credentials serve opens; 0 for any that is free',
      default: '9912',
      bounds: [0, 65_535],
    },
    'token-file': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'file with the token that its clients send; made, for its owner alone, if it is missing',
      example: '/etc/lanacme/credentials-token',
      defaultText:
        'credentials-token in $RUNTIME_DIRECTORY, else lanacme-credentials-token in $XDG_RUNTIME_DIR',
    },
  }),
};
