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
      example: '/run/lanacme/credentials',
    },
    'aws-profile': {
      kind: 'text',
      placeholder: 'PROFILE',
      help: 'whose section of the credentials file is replaced',
      default: 'default',
      example: 'lanacme',
    },
  }),
};
