/** What the manual says beyond the tables of commands and settings. Backticks mark what is typed. */
import type { CommandName } from '../src/config/setting.ts';

type Paragraphs = readonly string[];
type Rows = readonly (readonly [what: string, text: string])[];

export const programDescription: Paragraphs = [
  'lanacme gets and renews TLS certificates for machines that the internet cannot reach. It proves their names by DNS (`dns-01`) in a Route 53 zone, with AWS credentials that a certificate of this host is traded for (of AWS IoT, or of a private CA by IAM Roles Anywhere) and that are kept in memory for one run.',
  'In the zone it writes nothing but challenge records, never touches a value of somebody else, and removes its own after success, failure, signals and, with the next run, after a power cut.',
  'Every option `--some-name` is also the variable `LANACME_SOME_NAME`, in the environment or in the env file. A flag beats the environment, which beats the file; all of them beat what `lanacme issue` stored for a certificate.',
  'To begin: fill in the env file, get the first certificate with `lanacme issue`, point the server at `live/NAME`, and have it renewed every hour with `systemctl enable --now lanacme-renew.timer`. The timer orders as user lanacme, who alone reads the device key; deploy hooks are run by root, who never sees a credential.',
];

export const descriptions: Readonly<Partial<Record<CommandName, Paragraphs>>> = {
  issue: [
    'Orders a certificate, proves its names, installs it under `live/NAME` and runs the deploy hooks. What it was told (names, key type, profile, server, hooks, files) is stored for later renewals.',
    'A good certificate that is in place is left as it is. One that has the same names but another key type, profile, server or preferred chain is ordered anew, and why is told. Other names under the same NAME are refused: choose another `--name`, or delete that one first.',
    'A certificate of a staging server never replaces one of another server without `--force`.',
  ],
  renew: [
    'Made to be started every hour. It renews at an instant inside the window that the CA suggests (ARI), drawn once and kept; without one, when a third of the lifetime is left, or half of one under ten days. With nothing due it reads one file and asks nobody for anything.',
    'A certificate is renewed as `lanacme issue` was told: names, key type, profile, server, hooks, files. What is given now, by an option, a variable or the env file, beats that once it is due; the defaults below are those of `lanacme issue`.',
    'Certificates that are due are ordered side by side. One that fails stops no other; it is tried again after a wait that grows, and what the CA put off waits as long as the CA said. Deploy hooks that failed are tried again by each later run, and what an interrupted run left in the zone is removed.',
    '`--dry-run` goes the whole way at the staging server of the CA and changes nothing on this host.',
  ],
  status: [
    'Tells of each certificate when it ends, when it will be renewed and why then, whether it is deployed, and what went wrong last. It asks the network for nothing.',
    'With `--check-expiry` it exits with 1 if a certificate is missing, not deployed, or ends within so many days: for monitoring and for health checks.',
    'Below the certificates stands the one that this host is known by at AWS (`--iot-cert`, `--roles-anywhere-cert`), with a warning from 30 days before its end: nothing can be renewed without it. A new one that is put in its place is used by the next run.',
  ],
  revoke: [
    'Tells the CA that the certificate must not be trusted any more. Its files stay where they are; the next `lanacme renew` orders another one, with a new key.',
  ],
  delete: [
    'Removes the files of a certificate and what is known of it. To have it revoked as well, revoke it first.',
  ],
  rollback: [
    'Puts the version before in place again and runs the deploy hooks with it. The version that was left is held: no later run goes back to it, and the next certificate ends that.',
  ],
  deploy: [
    'Runs the deploy hooks that are owed: of new certificates, and those that failed. With `--force` it runs all of them.',
    'A hook runs with the rights of whoever owns the file that names it. Those of the env file and of `/etc/lanacme/deploy.d` run as root if root starts this and nobody else can write there; those that `issue` stored run as the owner of the state folder.',
    'lanacme-deploy.service runs it as root after each run of lanacme-renew.service.',
  ],
  cleanup: [
    'Removes the challenge records that an interrupted run of this host left in the zone, by the journal in the state folder. `lanacme renew` does the same; records of others are never touched.',
  ],
  credentials: [
    'Trades the identity of this host for AWS credentials, once, and prints them: as one object for `credential_process` of the AWS SDKs (`--format process`), as lines for `eval` in sh (`env`), or as JSON in the words of STS (`json`). Nothing else stands on standard output, and nothing at all after a failure.',
    "With `--output` they go to a file, with mode 0600, or 0640 and the group of `--key-group`, and the path is printed. By default that is a shared credentials file of the AWS SDKs, in which the section of `--aws-profile` is replaced and all else stays as it is, byte for byte; another `--format` has the file for itself. The file is replaced whole, is never written through a link, and neither it nor a folder above it may be anybody's but root's and of the user that lanacme runs as. A program that is running reads such a file once: start it anew before the credentials end, or use what renews by itself.",
    'A LANACME_KEY_GROUP of the env file is for the keys of certificates and opens no credentials: give the flag. lanacme-credentials.timer refreshes /run/lanacme-credentials/credentials as user lanacme.',
    'With `serve` it hands them out on loopback as containers get them, to programs that send the token: set AWS_CONTAINER_CREDENTIALS_FULL_URI to the URL that is printed, and AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE to the `--token-file`. One session is kept in memory for all who ask, and renewed 16 minutes before its end, by one request. Without the token, or under a host name that is not loopback, nothing is given; while AWS refuses, the answer is an error. It runs until it is interrupted; where systemd holds the port (lanacme-credentials.socket), until nobody has asked for five minutes.',
  ],
  systemd: [
    '`install` writes the units, the system user and the folders that the Debian package has for an installation from npm; `show` prints them; `uninstall` removes what was written and says what it keeps. Run again after an update of lanacme, it replaces what has changed, and starts the endpoint of credentials anew if that runs; no file of somebody else is overwritten. With the Debian package none of it is needed.',
    'Nothing is enabled by it. `systemctl enable --now lanacme-renew.timer` has certificates renewed. Only where other programs of the host need AWS credentials is there a use for lanacme-credentials.timer, which keeps a file of them, or lanacme-credentials.socket, which holds the port of an endpoint; what each needs first stands at its top (`systemctl cat`).',
    '`--user` writes units for the manager of this user instead, who then runs the hooks as well.',
  ],
  'verify-session': [
    'Tells whether sessions at IAM Roles Anywhere were made by their hosts. A host with `--roles-anywhere-session-name-totp-seed-file` names each session with the TOTP code of that moment (RFC 6238: SHA-1, 30 seconds, six digits), which somebody who has copied its key, but not its seed, does not know.',
    'FILE holds CreateSession events of CloudTrail: one of them, a log file (packed as in its bucket, or not), the answer of `aws cloudtrail lookup-events`, events of EventBridge, or several of these, one a line; `-` is standard input. Other events beside them are left out. A code counts in its step of 30 seconds and in those before and after it. That the same code was used twice is told, and is no fault: two runs within 30 seconds do it.',
    '`--seeds` names a list that only its owner may read, a line for each host: the common name of its certificate or its serial in hex, a space, and its seed in base32. A host may have several lines while its seed is replaced; lines that begin with # say nothing. A JSON object of names and seeds is as good.',
    'It exits with 0 if all sessions are legit and with 1 if one is not, or is of a host that is not in the list; with 2 if a file is not what it should be, or a single event of another kind. A log file or an answer without such an event is good. An attempt that AWS refused is judged as well, and marked. It asks the network for nothing. In the answer of `--json`, `legit` tells of all, and `sessions` of each.',
  ],
  import: [
    'Copies what certbot keeps in DIR (`/etc/letsencrypt` by default): certificates with their keys and how each is renewed, deploy hooks, and the account at the CA. Nothing there is changed, nothing is ordered, and a certificate that is here already stays as it is.',
    'Where the state folder belongs to user lanacme, hooks become executables of root in `/etc/lanacme/deploy.d`; where it is your own, they are kept with the certificate. What could not be taken over is told with the reason; `--dry-run` only tells.',
    'Names are proved by dns-01 from then on. Once `lanacme renew --dry-run` has gone the whole way, end the renewals of certbot: `systemctl disable --now certbot.timer`.',
  ],
};

export const environment: Rows = [
  ['LANACME_*', 'Every option, in capitals and with underscores: `LANACME_DNS_TIMEOUT` is `--dns-timeout`.'],
  [
    'AWS_ENDPOINT_URL_ROUTE_53, AWS_ENDPOINT_URL, AWS_REGION, AWS_CA_BUNDLE',
    'As in other programs that use AWS. They may also stand in the env file, like all `AWS_` variables.',
  ],
  ['HTTPS_PROXY, NO_PROXY', 'The proxy for everything, by CONNECT. They may also stand in the env file.'],
  ['NODE_EXTRA_CA_CERTS', 'More roots to trust; read by Node itself, so not from the env file.'],
  ['NO_COLOR', 'No colours on a terminal.'],
  [
    'STATE_DIRECTORY, CREDENTIALS_DIRECTORY, RUNTIME_DIRECTORY',
    'Set by systemd: the state folder; where `credential:NAME` is looked up; where `credentials serve` keeps its token, else in XDG_RUNTIME_DIR.',
  ],
];

export const files: Rows = [
  ['/etc/lanacme/lanacme.env', 'The env file: lines of NAME=value, read by every run.'],
  ['/etc/lanacme/deploy.d/', 'Executables that run for every certificate after it is in place.'],
  [
    '/var/lib/lanacme/live/NAME/',
    'The newest version of a certificate: privkey.pem, cert.pem, chain.pem, fullchain.pem.',
  ],
  ['/var/lib/lanacme/', 'The state folder: versions, records, accounts, the journal.'],
  ['/var/lib/lanacme-deploy/', 'What the hooks of root have done; written by root alone.'],
  [
    '/run/lanacme-credentials/credentials',
    'AWS credentials for other programs, where lanacme-credentials.timer is enabled.',
  ],
  ['/etc/lanacme-credentials-token', 'What they send to the endpoint of lanacme-credentials.socket.'],
  ['/usr/share/doc/lanacme/', 'Guides and examples, where lanacme came as a Debian package.'],
];

export const exitCodes: Rows = [
  ['0', 'Done, or nothing to do.'],
  ['1', 'Failed; with several certificates, at least one: the others went on.'],
  ['2', 'Wrong usage or configuration, or a name outside the LAN zone: nothing was sent anywhere.'],
  [
    '75',
    'Told to wait: by the CA, by its limits, by a wait of our own after failures, by a clock that is wrong, by another run. The time is in the message.',
  ],
  [
    '130, 143, 129',
    'Ended by SIGINT, SIGTERM or SIGHUP, after cleaning up; a second signal ends it at once.',
  ],
];
