/**
 * The table of settings, once, as data. Flags, variables, lines of the env file, `--help`, `.env.example` and the
 * README's tables are all made from it; what a value means beyond its text is checked in `check.ts`.
 */
import { caLimitNames } from '../core/ca-limits.ts';
import { keyTypes } from '../core/certificate-record.ts';
import { revocationReasons } from '../core/revocation-reason.ts';
import { credentialsSettings } from './credentials-settings.ts';
import { deploymentSettings } from './deployment-settings.ts';
import { identitySettings } from './identity-settings.ts';
import { laterSettings } from './later-settings.ts';
import { type Setting, within } from './setting.ts';

const ordering = ['issue', 'renew'] as const;
/** The commands that change the zone, or look at how it would be changed. */
const zoning = ['issue', 'renew', 'cleanup', 'doctor', 'policy'] as const;
const accounting = ['issue', 'renew', 'account', 'revoke', 'doctor'] as const;
/** The commands that write to the state folder. */
const locking = [
  ...ordering,
  'cleanup',
  'deploy',
  'revoke',
  'delete',
  'rollback',
  'account',
  'import',
] as const;
const reading = ['status', 'credentials', 'doctor', 'policy', 'systemd', 'verify-session'] as const;
const everywhere = [...locking, ...reading] as const;

const second = 1000;
const hour = 3600 * second;

const builtSettings = {
  ...within('The certificate', ['issue'], {
    domain: {
      kind: 'list',
      placeholder: 'NAME',
      help: 'a name of the certificate, or several with commas; wildcards and IDNs are welcome',
      example: '*.lan.example,lan.example',
    },
    name: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'its name on this host',
      example: 'lan.example',
      defaultText: 'the first domain, without *.',
    },
    'key-type': {
      kind: 'choice',
      placeholder: 'TYPE',
      help: 'kind and size of its key',
      choices: keyTypes,
      default: 'ec256',
      commands: ordering,
    },
    profile: {
      kind: 'text',
      placeholder: 'NAME',
      help: 'a certificate profile that the CA offers',
      example: 'shortlived',
      commands: ordering,
    },
    'profile-fallback': {
      kind: 'boolean',
      help: 'order without the profile if the CA does not offer it',
      commands: ordering,
    },
    'preferred-chain': {
      kind: 'text',
      placeholder: 'NAME',
      help: 'common name of the issuer at the top of the chain to prefer',
      example: 'ISRG Root X1',
      commands: ordering,
    },
    'reuse-key': {
      kind: 'boolean',
      help: 'keep the private key when the certificate is ordered anew',
      commands: ordering,
    },
    challenge: {
      kind: 'choice',
      placeholder: 'TYPE',
      help: 'how the names are proved',
      choices: ['dns-01'],
      default: 'dns-01',
      commands: ordering,
    },
    reason: {
      kind: 'choice',
      placeholder: 'REASON',
      help: 'why it is revoked (RFC 5280)',
      choices: revocationReasons,
      default: 'unspecified',
      commands: ['revoke'],
    },
  }),
  ...within('The zone', zoning, {
    zone: {
      kind: 'text',
      placeholder: 'ZONE',
      help: 'the LAN zone, the only place where challenge records are written',
      example: 'lan.example',
      commands: [...zoning, 'import'],
    },
    'zone-id': {
      kind: 'text',
      placeholder: 'ID',
      help: 'its hosted-zone id; then no List right is needed',
      example: 'Z0123456789ABCDEFGHIJ',
      defaultText: 'looked up',
    },
    'name-servers': {
      kind: 'list',
      placeholder: 'HOST[:PORT]',
      help: 'the authoritative servers to ask, where port 53 is intercepted',
      example: 'ns-1.awsdns-00.com,192.0.2.1:5353',
      defaultText: "the zone's NS",
    },
    'dns-timeout': {
      kind: 'duration',
      placeholder: 'TIME',
      help: 'longest wait until Route 53 says INSYNC',
      default: '10min',
      bounds: [second, 6 * hour],
    },
    'challenge-alias': {
      kind: 'list',
      placeholder: 'NAME',
      help: 'names of the zone that challenges are delegated to by CNAME, or one subtree of it',
      example: '*.acme.lan.example',
    },
    'skip-preflight': { kind: 'boolean', help: 'no checks before the order', commands: ordering },
  }),
  ...within('The CA', ['issue', 'renew', 'account'], {
    server: {
      kind: 'text',
      placeholder: 'URL',
      help: 'its ACME directory: an https URL, letsencrypt or letsencrypt-staging',
      default: 'letsencrypt',
      example: 'letsencrypt-staging',
      commands: accounting,
    },
    'server-ca': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'PEM of roots to trust for it, beside the usual ones',
      example: '/etc/lanacme/ca-roots.pem',
      commands: accounting,
    },
    email: {
      kind: 'list',
      placeholder: 'ADDRESS',
      help: 'contact of the account',
      example: 'admin@example.com',
      commands: accounting,
    },
    'agree-tos': { kind: 'boolean', help: "agree to the CA's terms of service" },
    'eab-kid': {
      kind: 'text',
      placeholder: 'ID',
      help: 'key id for external account binding',
      example: 'kid-1',
    },
    'eab-hmac-key-file': {
      kind: 'file',
      placeholder: 'FILE',
      help: 'file with its HMAC key in base64url; LANACME_EAB_HMAC_KEY may hold the key itself',
      example: '/etc/lanacme/eab-hmac-key',
    },
    'eab-hmac-key': {
      kind: 'text',
      placeholder: 'KEY',
      help: 'the HMAC key itself, only as a variable: argv is public',
      example: 'bm90LWEtcmVhbC1rZXk',
      secret: true,
    },
    'ca-limits': {
      kind: 'choice',
      placeholder: 'CA',
      help: 'whose rate limits this host must not break',
      choices: caLimitNames,
      defaultText: 'by directory URL',
      example: 'none',
      commands: ordering,
    },
  }),
  ...identitySettings,
  ...deploymentSettings,
  ...within('This run', everywhere, {
    'state-dir': {
      kind: 'path',
      placeholder: 'FOLDER',
      help: 'where certificates, accounts and the journal are kept',
      example: '/var/lib/lanacme',
      defaultText: '$STATE_DIRECTORY, else /var/lib/lanacme as root, else $XDG_STATE_HOME/lanacme',
    },
    'lock-timeout': {
      kind: 'duration',
      placeholder: 'TIME',
      help: 'longest wait for another run on the same state folder',
      default: '60s',
      bounds: [0, 6 * hour],
      commands: locking,
    },
    force: {
      kind: 'boolean',
      help: 'act although nothing is due, or a staging certificate would replace a real one',
      commands: ['issue', 'renew', 'deploy'],
    },
    'dry-run': {
      kind: 'boolean',
      help: 'change nothing here: cleanup and import only tell, renew goes the whole way at the staging server',
      commands: ['renew', 'cleanup', 'import'],
    },
    'metrics-file': {
      kind: 'path',
      placeholder: 'FILE',
      help: 'Prometheus textfile to write at the end',
      example: '/var/lib/prometheus/node-exporter/lanacme.prom',
      commands: ['renew'],
    },
    'check-expiry': {
      kind: 'integer',
      placeholder: 'DAYS',
      help: 'exit 1 if a certificate is missing, not deployed, or ends within so many days, or the one for AWS has ended',
      example: '14',
      bounds: [0, 3650],
      commands: ['status'],
    },
    seeds: {
      kind: 'file',
      placeholder: 'FILE',
      help: 'seeds of the hosts, one NAME SEED a line: common name or serial of the certificate, base32',
      example: '/etc/lanacme/session-seeds',
      commands: ['verify-session'],
    },
    user: {
      kind: 'boolean',
      help: 'the units of this user, without root, in place of those of the system',
      commands: ['systemd'],
      notInFile: true,
    },
    config: {
      kind: 'path',
      placeholder: 'FILE',
      help: 'the env file',
      defaultText: '/etc/lanacme/lanacme.env, if there is one',
      example: '/etc/lanacme/lanacme.env',
      notInFile: true,
    },
  }),
  ...credentialsSettings,
  ...within('Output', everywhere, {
    'log-level': {
      kind: 'choice',
      placeholder: 'LEVEL',
      help: 'how much is told on standard error',
      choices: ['debug', 'info', 'warn', 'error'],
      default: 'info',
    },
    'log-format': {
      kind: 'choice',
      placeholder: 'FORMAT',
      help: 'how it is told',
      choices: ['json', 'pretty', 'journal'],
      defaultText: 'pretty on a terminal, journal under systemd, else json',
      example: 'journal',
    },
    quiet: { kind: 'boolean', help: 'tell warnings and errors only' },
    json: { kind: 'boolean', help: 'print one JSON object on standard output, also on failure' },
  }),
};

/** The rows as literal types, for the types of their values. */
export type BuiltSettings = typeof builtSettings;

/** The name of a setting that this version has. */
export type SettingName = keyof BuiltSettings;

/** Every setting by option name, those of later versions included. */
export const settings: ReadonlyMap<string, Setting> = new Map<string, Setting>([
  ...Object.entries(builtSettings),
  ...laterSettings,
]);

/** The names of the settings that this version has, in the order of the table. */
export const builtNames = Object.keys(builtSettings) as readonly SettingName[];

/** The row of a built setting. */
export function settingOf(name: SettingName): Setting {
  return builtSettings[name];
}
