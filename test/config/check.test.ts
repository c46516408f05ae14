import { describe, expect, it } from 'vitest';
import { configOf, leastIssue, problemsOf } from './made-host.ts';

type Flags = Readonly<Record<string, string | readonly string[]>>;
type Change = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The least of `issue`, changed: undefined takes an option away. */
function least(change: Change): Flags {
  const changed: Change = { ...leastIssue, ...change };
  return Object.fromEntries(
    Object.entries(changed).flatMap(([option, value]) => (value === undefined ? [] : [[option, value]])),
  );
}

describe('the Config of issue', () => {
  it('is whole with the least that is needed', async () => {
    expect(await configOf('issue', leastIssue)).toEqual({
      command: 'issue',
      stateDir: '/home/lan/.local/state/lanacme',
      output: {
        json: false,
        log: { level: 'info', format: 'json', quiet: false, color: false, live: false },
      },
      zone: { name: 'lan.example', nameServers: [], timeoutMs: 600_000, aliases: [] },
      aws: {
        credentials: {
          kind: 'iot',
          endpoint: 'c0.credentials.iot.eu-central-1.amazonaws.com',
          roleAlias: 'lanacme',
          certFile: '/etc/lanacme/device.pem',
          keyFile: '/etc/lanacme/device.key',
        },
        region: 'us-east-1',
        variables: {},
      },
      network: {},
      lockTimeoutMs: 60_000,
      certificate: {
        name: 'lan.example',
        spec: {
          domains: ['*.lan.example'],
          server: 'https://acme-v02.api.letsencrypt.org/directory',
          keyType: 'ec256',
        },
        terms: {},
      },
      ca: { directoryUrl: 'https://acme-v02.api.letsencrypt.org/directory' },
      account: { contacts: [], agreeTos: false },
      hooks: {
        deploy: [],
        deployOfFile: [],
        pre: { commands: [], isOfFile: false },
        post: { commands: [], isOfFile: false },
        skip: false,
        timeoutMs: 120_000,
      },
      force: false,
      skipPreflight: false,
    });
  });

  it('carries everything that can be given', async () => {
    const all = {
      domain: ['B.lan.example., *.lan.example', 'b.lan.example', 'größe.lan.example'],
      name: 'web_1',
      'key-type': 'rsa3072',
      profile: 'shortlived',
      'profile-fallback': 'true',
      'preferred-chain': 'Some Root',
      'reuse-key': '1',
      challenge: 'dns-01',
      zone: 'LAN.example.',
      'zone-id': '/hostedzone/Z123',
      'name-servers': 'ns.example,192.0.2.1:5353,[2001:db8::1]:53,2001:db8::2',
      'dns-timeout': '90s',
      'challenge-alias': ['X.acme.lan.example', '*.other.lan.example'],
      'skip-preflight': 'true',
      server: 'https://localhost:14000/dir',
      'server-ca': 'roots.pem',
      email: 'a@example.com,mailto:b@example.com',
      'agree-tos': 'true',
      'eab-kid': 'kid',
      'eab-hmac-key-file': '/etc/eab',
      'iot-thing-name': '007',
      'iot-key': 'credential:device.key',
      'iot-key-password-file': '/etc/password',
      'iot-ca': '/etc/roots.pem',
      'deploy-hook': ['systemctl reload a, b', 'true'],
      'hook-timeout': '5min',
      'state-dir': 'state',
      'lock-timeout': '0',
      force: 'true',
      json: 'true',
    };
    const environment = {
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: 'http://localhost:1',
      AWS_ENDPOINT_URL_ROUTE_53: 'http://localhost:2',
      AWS_CA_BUNDLE: 'bundle.pem',
      HTTPS_PROXY: 'http://proxy:3128',
      no_proxy: 'localhost',
      CREDENTIALS_DIRECTORY: '/run/credentials/lanacme',
    };
    const config = await configOf('issue', least(all), { environment });
    expect(config.certificate).toEqual({
      name: 'web_1',
      spec: {
        domains: ['b.lan.example', '*.lan.example', 'xn--gre-6ka8i.lan.example'],
        server: 'https://localhost:14000/dir',
        keyType: 'rsa3072',
        profile: 'shortlived',
        preferredChain: 'Some Root',
      },
      terms: { challenge: 'dns-01', profileFallback: true, reuseKey: true },
    });
    expect(config.zone).toEqual({
      name: 'lan.example',
      id: 'Z123',
      nameServers: ['ns.example', '192.0.2.1:5353', '[2001:db8::1]:53', '2001:db8::2'],
      timeoutMs: 90_000,
      aliases: ['x.acme.lan.example', '*.other.lan.example'],
    });
    expect(config.ca).toEqual({ directoryUrl: 'https://localhost:14000/dir', rootsFile: '/cwd/roots.pem' });
    expect(config.account).toEqual({
      contacts: ['mailto:a@example.com', 'mailto:b@example.com'],
      agreeTos: true,
      externalAccount: { kid: 'kid', hmacKey: { file: '/etc/eab' } },
    });
    expect(config.aws).toEqual({
      credentials: {
        kind: 'iot',
        endpoint: leastIssue['iot-endpoint'],
        roleAlias: 'lanacme',
        thingName: '007',
        certFile: '/etc/lanacme/device.pem',
        keyFile: 'credential:device.key',
        keyPasswordFile: '/etc/password',
        caFile: '/etc/roots.pem',
      },
      region: 'eu-central-1',
      route53Endpoint: 'http://localhost:2',
      caBundle: '/cwd/bundle.pem',
      variables: {},
    });
    expect(config.network).toEqual({
      httpsProxy: 'http://proxy:3128',
      noProxy: 'localhost',
      credentialsDirectory: '/run/credentials/lanacme',
    });
    expect(config).toMatchObject({
      stateDir: '/cwd/state',
      lockTimeoutMs: 0,
      hooks: { deploy: ['systemctl reload a, b', 'true'], timeoutMs: 300_000 },
      force: true,
      skipPreflight: true,
      output: { json: true },
    });
  });

  it('needs no device with --credentials default', async () => {
    const { aws } = await configOf('issue', {
      domain: 'a.lan.example',
      zone: 'lan.example',
      credentials: 'default',
    });
    expect(aws.credentials).toEqual({ kind: 'default' });
  });

  it.each([
    ['letsencrypt', 'https://acme-v02.api.letsencrypt.org/directory'],
    ['letsencrypt-staging', 'https://acme-staging-v02.api.letsencrypt.org/directory'],
    ['https://CA.example', 'https://ca.example/'],
  ])('--server %s is %s', async (server, url) => {
    expect((await configOf('issue', least({ server }))).ca.directoryUrl).toBe(url);
  });
});

describe('the Config of the other commands', () => {
  it('cleanup knows the zone, AWS and whether it is only a rehearsal', async () => {
    const config = await configOf('cleanup', { ...least({ domain: undefined }), 'dry-run': 'true' });
    expect(config).toMatchObject({
      command: 'cleanup',
      dryRun: true,
      zone: { name: 'lan.example' },
      lockTimeoutMs: 60_000,
    });
  });

  it('status is about all certificates, or one', async () => {
    expect(await configOf('status', {})).not.toHaveProperty('certificate');
    expect(await configOf('status', {}, { names: ['lan.example'] })).toMatchObject({
      certificate: 'lan.example',
    });
  });

  it('cleanup takes no names of a certificate', async () => {
    expect(await problemsOf('cleanup', leastIssue)).toEqual([
      'config.unknown-option: lanacme cleanup does not take --domain',
    ]);
  });
});

describe('refusals', () => {
  const rolesAnywhereNames =
    '--roles-anywhere-trust-anchor-arn, --roles-anywhere-profile-arn, --roles-anywhere-role-arn, --roles-anywhere-cert and --roles-anywhere-key';
  const iotNames = '--iot-endpoint, --iot-role-alias, --iot-cert and --iot-key';
  it.each<[string, Change, string]>([
    [
      'no domain',
      { domain: undefined },
      'config.missing: --domain is missing: a name of the certificate, or several with commas; wildcards and IDNs are welcome',
    ],
    [
      'no zone',
      { zone: undefined },
      'config.missing: --zone is missing: the LAN zone, the only place where challenge records are written',
    ],
    [
      'a domain outside the zone',
      { domain: 'host.other.example' },
      'names.outside-zone: --domain: host.other.example is outside the LAN zone lan.example',
    ],
    [
      'a zone that is no name',
      { zone: 'lan example' },
      'names.invalid: --zone: "lan example" is not a DNS name: the label "lan example" has something other than a-z, 0-9, "-" and "_"',
    ],
    [
      'a name that is no component of a path',
      { name: '../x' },
      'names.invalid: --name: "../x" is not a local name for a certificate: it has to be 1 to 237 of A-Z a-z 0-9 . _ - and not begin with "." or "-"',
    ],
    [
      'an unknown key type',
      { 'key-type': 'ec512' },
      'config.invalid-value: --key-type: "ec512" is not possible',
    ],
    [
      'another challenge',
      { challenge: 'http-01' },
      'config.invalid-value: --challenge: "http-01" is not possible',
    ],
    [
      'a zone id of something else',
      { 'zone-id': 'E123' },
      'config.invalid-value: --zone-id: "E123" is not a hosted-zone id',
    ],
    [
      'a name server with a port too high',
      { 'name-servers': 'ns:65536' },
      'config.invalid-value: --name-servers: "ns:65536" is not a host',
    ],
    [
      'a name server with a path',
      { 'name-servers': 'ns/x' },
      'config.invalid-value: --name-servers: "ns/x" is not a host',
    ],
    [
      'brackets around a name',
      { 'name-servers': '[ns]:53' },
      'config.invalid-value: --name-servers: "[ns]:53" is not a host',
    ],
    [
      'no time at all for INSYNC',
      { 'dns-timeout': '0' },
      'config.invalid-value: --dns-timeout: "0" is not a time that fits',
    ],
    [
      'an alias outside the zone',
      { 'challenge-alias': 'x.other.example' },
      'config.invalid-value: --challenge-alias: "x.other.example" is not below the apex of the zone lan.example',
    ],
    [
      'the apex as an alias',
      { 'challenge-alias': 'lan.example' },
      'config.invalid-value: --challenge-alias: "lan.example" is not below the apex of the zone lan.example',
    ],
    [
      'the whole zone as an alias',
      { 'challenge-alias': '*.lan.example' },
      'config.invalid-value: --challenge-alias: "*.lan.example" is not below the apex of the zone lan.example',
    ],
    [
      'two subtrees of aliases',
      { 'challenge-alias': '*.a.lan.example,*.b.lan.example' },
      'config.invalid-value: --challenge-alias: "*.a.lan.example" and "*.b.lan.example" are two subtrees',
    ],
    [
      'an ACME server without TLS',
      { server: 'http://ca.example/dir' },
      'config.invalid-value: --server: "http://ca.example/dir" cannot be an ACME server',
    ],
    [
      'an ACME server that is no URL',
      { server: 'zerossl' },
      'config.invalid-value: --server: "zerossl" is not a URL',
    ],
    [
      'an address that is none',
      { email: 'admin' },
      'config.invalid-value: --email: "admin" is not an e-mail address',
    ],
    [
      'a contact with header fields',
      { email: 'a@b.example?subject=x' },
      'config.invalid-value: --email: "a@b.example?subject=x" is not an e-mail address',
    ],
    [
      'a key id without a key',
      { 'eab-kid': 'kid' },
      'config.missing: --eab-hmac-key-file is missing: external account binding needs a key id and an HMAC key',
    ],
    [
      'a key without a key id',
      { 'eab-hmac-key-file': '/k' },
      'config.missing: --eab-kid is missing: external account binding needs a key id and an HMAC key',
    ],
    [
      'a data endpoint',
      { 'iot-endpoint': 'abc-ats.iot.eu-central-1.amazonaws.com' },
      'config.invalid-value: --iot-endpoint: abc-ats.iot.eu-central-1.amazonaws.com is a data endpoint of AWS IoT, which gives no credentials',
    ],
    [
      'a role alias with a slash',
      { 'iot-role-alias': 'a/b' },
      "config.invalid-value: --iot-role-alias: 'a/b' cannot be the name of an IoT role alias",
    ],
    [
      'a thing name with a dot',
      { 'iot-thing-name': 'a.b' },
      "config.invalid-value: --iot-thing-name: 'a.b' cannot be the name of an IoT thing",
    ],
    [
      'Roles Anywhere',
      { credentials: 'roles-anywhere' },
      `config.missing: AWS credentials from Roles Anywhere need ${rolesAnywhereNames}`,
    ],
    [
      'no device at all',
      { 'iot-endpoint': undefined, 'iot-role-alias': undefined, 'iot-cert': undefined, 'iot-key': undefined },
      `config.missing: AWS credentials from IoT need ${iotNames}`,
    ],
    [
      'a device without a key',
      { 'iot-key': undefined },
      'config.missing: AWS credentials from IoT need --iot-key',
    ],
    ['an empty hook', { 'deploy-hook': '' }, 'config.invalid-value: --deploy-hook: the value is empty'],
  ])('%s', async (_title, change, problem) => {
    expect(await problemsOf('issue', least(change))).toEqual([problem]);
  });

  it.each([
    [
      'AWS_ENDPOINT_URL_ROUTE_53',
      'localhost:1',
      'AWS_ENDPOINT_URL_ROUTE_53 in the environment: "localhost:1" is not an http or https URL',
    ],
    [
      'AWS_ENDPOINT_URL',
      'nonsense',
      'AWS_ENDPOINT_URL in the environment: "nonsense" is not an http or https URL',
    ],
  ])('%s=%s', async (variable, value, message) => {
    expect(await problemsOf('issue', leastIssue, { environment: { HOME: '/h', [variable]: value } })).toEqual(
      [`config.invalid-value: ${message}`],
    );
  });

  it('an HMAC key that is given twice, or is no key, is never repeated', async () => {
    const environment = { HOME: '/h', LANACME_EAB_KID: 'kid', LANACME_EAB_HMAC_KEY: 'not base64!' };
    expect(await problemsOf('issue', leastIssue, { environment })).toEqual([
      'config.invalid-value: LANACME_EAB_HMAC_KEY in the environment: the HMAC key is not base64url',
    ]);
    expect(await problemsOf('issue', least({ 'eab-hmac-key-file': '/k' }), { environment })).toEqual([
      'config.conflict: LANACME_EAB_HMAC_KEY in the environment: the HMAC key is also given by --eab-hmac-key-file',
    ]);
  });

  it('a name of a certificate that no path can have', async () => {
    const [problem] = await problemsOf('status', {}, { names: ['../../etc'] });
    expect(problem).toMatch(/^names\.invalid: NAME: "\.\.\/\.\.\/etc" is not a local name/);
  });

  it('every wrong domain is named', async () => {
    expect(await problemsOf('issue', least({ domain: 'a,127.0.0.1,x.lan.example' }))).toEqual([
      'names.invalid: --domain: "a" is not a name that a certificate can have: it has only one label',
      'names.invalid: --domain: "127.0.0.1" is not a name that a certificate can have: it is an IP address',
    ]);
  });
});
