/**
 * The table of settings, once, as data. Flags, variables, lines of the env file, `--help`, `.env.example` and the
 * README's tables are all made from it; what a value means beyond its text is checked in `check.ts`.
 */
import { laterSettings } from './later-settings.ts';
import { type CommandName, type Setting, variableOf } from './setting.ts';

const ordering = ['issue', 'renew'] as const;
/** The commands that change the zone, or look at how it would be changed. */
const zoning = ['issue', 'renew', 'cleanup', 'doctor', 'policy'] as const;
const accounting = ['issue', 'renew', 'account', 'revoke', 'doctor'] as const;
const identifying = [...zoning, 'credentials'] as const;
const deploying = ['issue', 'renew', 'deploy', 'rollback'] as const;
const locking = [
  'issue',
  'renew',
  'cleanup',
  'deploy',
  'revoke',
  'delete',
  'rollback',
  'account',
  'import',
] as const;
const everywhere: readonly CommandName[] = [
  ...locking,
  ...(['status', 'credentials', 'doctor', 'policy', 'systemd', 'verify-session'] as const),
];

const second = 1000;
const hour = 3600 * second;

const builtSettings = {
  domain: {
    kind: 'list',
    group: 'The certificate',
    commands: ['issue'],
    placeholder: 'NAME',
    help: 'a name of the certificate, or several with commas; wildcards and IDNs are welcome',
    example: '*.lan.example,lan.example',
  },
  name: {
    kind: 'text',
    group: 'The certificate',
    commands: ['issue'],
    placeholder: 'NAME',
    help: 'its name on this host',
    example: 'lan.example',
    defaultText: 'the first domain, without *.',
  },
  'key-type': {
    kind: 'choice',
    group: 'The certificate',
    commands: ['issue'],
    placeholder: 'TYPE',
    help: 'kind and size of its key',
    choices: ['ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096'],
    default: 'ec256',
    example: 'ec256',
  },
  profile: {
    kind: 'text',
    group: 'The certificate',
    commands: ['issue'],
    placeholder: 'NAME',
    help: 'a certificate profile that the CA offers',
    example: 'shortlived',
  },
  'profile-fallback': {
    kind: 'boolean',
    group: 'The certificate',
    commands: ordering,
    help: 'order without the profile if the CA does not offer it',
    default: 'false',
  },
  'preferred-chain': {
    kind: 'text',
    group: 'The certificate',
    commands: ordering,
    placeholder: 'NAME',
    help: 'common name of the issuer at the top of the chain to prefer',
    example: 'ISRG Root X1',
  },
  'reuse-key': {
    kind: 'boolean',
    group: 'The certificate',
    commands: ordering,
    help: 'keep the private key when the certificate is ordered anew',
    default: 'false',
  },
  challenge: {
    kind: 'choice',
    group: 'The certificate',
    commands: ordering,
    placeholder: 'TYPE',
    help: 'how the names are proved',
    choices: ['dns-01'],
    default: 'dns-01',
    example: 'dns-01',
  },
  zone: {
    kind: 'text',
    group: 'The zone',
    commands: zoning,
    placeholder: 'ZONE',
    help: 'the LAN zone: the only place where challenge records are written (required)',
    example: 'lan.example',
  },
  'zone-id': {
    kind: 'text',
    group: 'The zone',
    commands: zoning,
    placeholder: 'ID',
    help: 'its hosted-zone id; then no List right is needed',
    example: 'Z0123456789ABCDEFGHIJ',
    defaultText: 'looked up',
  },
  'name-servers': {
    kind: 'list',
    group: 'The zone',
    commands: zoning,
    placeholder: 'HOST[:PORT]',
    help: 'the authoritative servers to ask, where port 53 is intercepted',
    example: 'ns-1.awsdns-00.com,192.0.2.1:5353',
    defaultText: "the zone's NS",
  },
  'dns-timeout': {
    kind: 'duration',
    group: 'The zone',
    commands: zoning,
    placeholder: 'TIME',
    help: 'longest wait until Route 53 says INSYNC',
    default: '10min',
    bounds: [second, 6 * hour],
    example: '10min',
  },
  'challenge-alias': {
    kind: 'list',
    group: 'The zone',
    commands: zoning,
    placeholder: 'NAME',
    help: 'names of the zone that challenges are delegated to by CNAME, or one subtree of it',
    example: '*.acme.lan.example',
  },
  'skip-preflight': {
    kind: 'boolean',
    group: 'The zone',
    commands: ordering,
    help: 'no checks before the order',
    default: 'false',
  },
  server: {
    kind: 'text',
    group: 'The CA',
    commands: accounting,
    placeholder: 'URL',
    help: 'its ACME directory: an https URL, letsencrypt or letsencrypt-staging',
    default: 'letsencrypt',
    example: 'letsencrypt-staging',
  },
  'server-ca': {
    kind: 'file',
    group: 'The CA',
    commands: accounting,
    placeholder: 'FILE',
    help: 'PEM of roots to trust for it, beside the usual ones',
    example: '/etc/lanacme/ca-roots.pem',
  },
  email: {
    kind: 'list',
    group: 'The CA',
    commands: accounting,
    placeholder: 'ADDRESS',
    help: 'contact of the account',
    example: 'admin@example.com',
  },
  'agree-tos': {
    kind: 'boolean',
    group: 'The CA',
    commands: ['issue', 'account'],
    help: "agree to the CA's terms of service",
    default: 'false',
  },
  'eab-kid': {
    kind: 'text',
    group: 'The CA',
    commands: ['issue', 'account'],
    placeholder: 'ID',
    help: 'key id for external account binding',
    example: 'kid-1',
  },
  'eab-hmac-key-file': {
    kind: 'file',
    group: 'The CA',
    commands: ['issue', 'account'],
    placeholder: 'FILE',
    help: 'file with the HMAC key for external account binding, in base64url',
    example: '/etc/lanacme/eab-hmac-key',
  },
  'eab-hmac-key': {
    kind: 'text',
    group: 'The CA',
    commands: ['issue', 'account'],
    placeholder: 'KEY',
    help: 'the HMAC key itself; only as a variable, never as a flag: argv is public',
    example: 'bm90LWEtcmVhbC1rZXk',
    secret: true,
  },
  credentials: {
    kind: 'choice',
    group: 'Identity at AWS',
    commands: identifying,
    placeholder: 'SOURCE',
    help: "where AWS credentials come from: default is the AWS SDK's own chain",
    choices: ['iot', 'roles-anywhere', 'default'],
    laterChoices: ['roles-anywhere'],
    default: 'iot',
    example: 'iot',
  },
  'iot-endpoint': {
    kind: 'text',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'HOST',
    help: 'the credential endpoint of the AWS account: host, host:port or https URL',
    example: 'c0123456789abc.credentials.iot.eu-central-1.amazonaws.com',
  },
  'iot-role-alias': {
    kind: 'text',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'ALIAS',
    help: 'the role alias to ask credentials for',
    example: 'lanacme',
  },
  'iot-thing-name': {
    kind: 'text',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'THING',
    help: 'the thing that the device certificate is attached to',
    example: 'pump-7',
  },
  'iot-cert': {
    kind: 'file',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'FILE',
    help: 'PEM of the device certificate',
    example: '/etc/lanacme/device.pem',
  },
  'iot-key': {
    kind: 'file',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'FILE',
    help: 'PEM of its private key, or credential:NAME; refused if others can read it',
    example: '/etc/lanacme/device.key',
  },
  'iot-key-password-file': {
    kind: 'file',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'FILE',
    help: 'file with the password of an encrypted key',
    example: '/etc/lanacme/device-key-password',
  },
  'iot-ca': {
    kind: 'file',
    group: 'Identity at AWS: IoT',
    commands: identifying,
    placeholder: 'FILE',
    help: 'PEM of the roots that the endpoint must chain to',
    example: '/etc/lanacme/iot-roots.pem',
    defaultText: "Amazon's roots",
  },
  'deploy-hook': {
    kind: 'commands',
    group: 'Deployment',
    commands: deploying,
    placeholder: 'COMMAND',
    help: 'shell command to run once a new certificate is in place; may be repeated',
    example: 'systemctl reload nginx',
  },
  'hook-timeout': {
    kind: 'duration',
    group: 'Deployment',
    commands: deploying,
    placeholder: 'TIME',
    help: 'longest time that a hook may take',
    default: '120s',
    bounds: [second, 6 * hour],
    example: '120s',
  },
  'state-dir': {
    kind: 'path',
    group: 'This run',
    commands: everywhere,
    placeholder: 'FOLDER',
    help: 'where certificates, accounts and the journal are kept',
    example: '/var/lib/lanacme',
    defaultText: '$STATE_DIRECTORY, else /var/lib/lanacme as root, else $XDG_STATE_HOME/lanacme',
  },
  'lock-timeout': {
    kind: 'duration',
    group: 'This run',
    commands: locking,
    placeholder: 'TIME',
    help: 'longest wait for another run on the same state folder',
    default: '60s',
    bounds: [0, 6 * hour],
    example: '60s',
  },
  force: {
    kind: 'boolean',
    group: 'This run',
    commands: ['issue', 'renew', 'deploy'],
    help: 'act although nothing is due, or a staging certificate would replace a real one',
    default: 'false',
  },
  'dry-run': {
    kind: 'boolean',
    group: 'This run',
    commands: ['renew', 'cleanup'],
    help: 'say what would be done, change nothing',
    default: 'false',
  },
  config: {
    kind: 'path',
    group: 'This run',
    commands: everywhere,
    placeholder: 'FILE',
    help: 'the env file',
    defaultText: '/etc/lanacme/lanacme.env, if there is one',
    example: '/etc/lanacme/lanacme.env',
    notInFile: true,
  },
  'log-level': {
    kind: 'choice',
    group: 'Output',
    commands: everywhere,
    placeholder: 'LEVEL',
    help: 'how much is told on standard error',
    choices: ['debug', 'info', 'warn', 'error'],
    default: 'info',
    example: 'info',
  },
  'log-format': {
    kind: 'choice',
    group: 'Output',
    commands: everywhere,
    placeholder: 'FORMAT',
    help: 'how it is told',
    choices: ['json', 'pretty', 'journal'],
    defaultText: 'pretty on a terminal, journal under systemd, else json',
    example: 'journal',
  },
  quiet: {
    kind: 'boolean',
    group: 'Output',
    commands: everywhere,
    help: 'tell warnings and errors only',
    default: 'false',
  },
  json: {
    kind: 'boolean',
    group: 'Output',
    commands: everywhere,
    help: 'print one JSON object on standard output, also on failure',
    default: 'false',
  },
} as const satisfies Readonly<Record<string, Setting>>;

type BuiltSettings = typeof builtSettings;

/** The name of a setting that this version has. */
export type SettingName = keyof BuiltSettings;

/** The kind of a built setting, for the type of its value. */
export type KindOf<Name extends SettingName> = BuiltSettings[Name]['kind'];

/** Every setting by option name, those of later versions included. */
export const settings: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ...Object.entries(builtSettings),
  ...Object.entries(laterSettings),
]);

/** The options by the variable that carries them. */
export const optionsByVariable: ReadonlyMap<string, string> = new Map(
  Array.from(settings.keys(), (option) => [variableOf(option), option]),
);

export function isBuilt(option: string): option is SettingName {
  return Object.hasOwn(builtSettings, option);
}

/** The row of a built setting. */
export function settingOf(name: SettingName): Setting {
  return builtSettings[name];
}

/** Names of the built settings that a command takes. */
export function settingsOf(command: CommandName): readonly SettingName[] {
  return Array.from(settings.keys())
    .filter(isBuilt)
    .filter((name) => settingOf(name).commands.includes(command));
}
