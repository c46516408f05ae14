import type { BuiltCommand } from '../config/config.ts';
import type { CommandName } from '../config/setting.ts';

/** What help tells of a command; what it does is its handler's. */
export interface CommandText {
  readonly describe: string;
  /** How its line begins, without options. */
  readonly usage: string;
  /** Lines that can be typed, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** What its options alone do not tell. */
  readonly note?: string;
  /** How many words it takes besides options; none by default. */
  readonly mostNames?: number;
  /** Absent means true. */
  readonly built?: false;
}

const later = (usage: string, describe: string, mostNames = 0): CommandText => ({
  usage,
  describe,
  examples: [],
  mostNames,
  built: false,
});

/** In the order of `lanacme --help`. */
export const commands: Readonly<Record<CommandName, CommandText>> = {
  issue: {
    usage: 'issue --domain NAME [--domain NAME …]',
    describe: 'get a certificate; nothing is done if a good one is there',
    examples: [
      [
        "lanacme issue --domain '*.lan.example' --domain lan.example --agree-tos",
        'one certificate for the whole zone',
      ],
      [
        'lanacme issue --domain nas.lan.example --key-group ssl-cert',
        'for one host, whose servers read the key by their group',
      ],
      [
        'lanacme issue --domain nas.lan.example --server letsencrypt-staging --name try',
        'a try that no browser trusts',
      ],
    ],
  },
  renew: {
    usage: 'renew [NAME …]',
    describe: 'renew what is due, deploy what is pending, clean up what was left behind',
    examples: [
      ['lanacme renew', 'what a timer runs every hour'],
      ['lanacme renew nas.lan.example --force', 'one certificate now, due or not'],
      ['lanacme renew --dry-run', 'the whole way at the staging server, changing nothing here'],
    ],
    note: 'A certificate is renewed as lanacme issue was told, whatever the defaults above say. What is given now beats that once it is due.',
    mostNames: Infinity,
  },
  status: {
    usage: 'status [NAME]',
    describe: 'every certificate: names, expiry, next renewal, deployment, last error',
    examples: [
      ['lanacme status', 'a table'],
      ['lanacme status lan.example --json', 'one certificate, for programs'],
    ],
    mostNames: 1,
  },
  revoke: {
    usage: 'revoke NAME',
    describe: 'tell the CA that a certificate must not be trusted any more; its files stay',
    examples: [
      ['lanacme revoke nas.lan.example', 'it is not needed any more, or was for other names'],
      ['lanacme revoke nas.lan.example --reason keyCompromise', 'somebody else may have its key'],
    ],
    mostNames: 1,
  },
  delete: {
    usage: 'delete NAME',
    describe: 'remove the files of a certificate from this host; the CA is not told',
    examples: [['lanacme delete nas.lan.example', 'key, certificates and what is known of it']],
    mostNames: 1,
  },
  rollback: {
    usage: 'rollback NAME',
    describe: 'go back to the version before, and deploy that',
    examples: [['lanacme rollback nas.lan.example', 'and never back to the one that is left']],
    mostNames: 1,
  },
  deploy: {
    usage: 'deploy [NAME …]',
    describe: 'run the deploy hooks that are owed',
    examples: [
      ['lanacme deploy', 'what failed is tried again, now'],
      ['lanacme deploy nas.lan.example --force', 'every hook of one certificate'],
    ],
    mostNames: Infinity,
  },
  cleanup: {
    usage: 'cleanup',
    describe: 'remove challenge records that an interrupted run of this host left',
    examples: [
      ['lanacme cleanup --dry-run', 'say which'],
      ['lanacme cleanup', 'remove them'],
    ],
  },
  account: later('account show|register|update|rollover|deactivate', 'the account at the CA'),
  credentials: {
    usage: 'credentials [serve]',
    describe: 'AWS credentials for other programs on this host',
    examples: [
      ['lanacme credentials', 'what credential_process in ~/.aws/config runs'],
      ['session=$(lanacme credentials --format env) && eval "$session"', 'for the rest of a shell'],
      [
        'lanacme credentials --output /run/lanacme-credentials/credentials --key-group backup',
        'a credentials file that a group may read, good for an hour: see lanacme-credentials.timer',
      ],
      [
        'lanacme credentials serve --token-file ~/.config/lanacme/credentials-token',
        'an endpoint on loopback for AWS_CONTAINER_CREDENTIALS_FULL_URI',
      ],
    ],
    mostNames: 1,
  },
  doctor: later('doctor', 'check every link of the chain, change nothing'),
  policy: later('policy', 'print the least IAM policy for this configuration'),
  systemd: {
    usage: 'systemd install|uninstall|show',
    describe: 'units for an hourly renewal and for credentials, where lanacme came by npm',
    examples: [
      [
        'lanacme systemd install',
        'as root: a user to order as, units, an env file to fill in; nothing is enabled by it',
      ],
      ['lanacme systemd install --user', 'for yourself alone, without root'],
      [
        'lanacme systemd show',
        'what would be written; its comments say what each unit is for, and what it needs',
      ],
    ],
    mostNames: 1,
  },
  import: {
    usage: 'import certbot [DIR]',
    describe: 'take over the certificates, hooks and account of certbot; nothing there is changed',
    examples: [
      [
        'lanacme import certbot --dry-run',
        'say what would be taken over from /etc/letsencrypt, and what not',
      ],
      ['lanacme import certbot', 'copy it'],
    ],
    mostNames: 2,
  },
  'verify-session': {
    usage: 'verify-session FILE --seeds FILE',
    describe: 'tell whether sessions at IAM Roles Anywhere were made by their hosts',
    examples: [
      [
        'lanacme verify-session event.json --seeds session-seeds',
        'a CreateSession event of CloudTrail: exit 0 if it is named with a TOTP code of its host, else 1',
      ],
      [
        'lanacme verify-session - --seeds session-seeds --json',
        'the same of what aws cloudtrail lookup-events writes, by a pipe',
      ],
    ],
    mostNames: 1,
  },
};

export function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(commands, word);
}

export function isBuilt(command: CommandName): command is BuiltCommand {
  return commands[command].built !== false;
}
