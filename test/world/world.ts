/**
 * Everything that lanacme talks to, on this machine: a zone delegated to a small Route 53, its name server, the IoT
 * credentials provider and IAM Roles Anywhere, Pebble validating against that name server, and hosts with device certificates on disk.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeTempFolder } from '../support/temp-folder.ts';
import { AwsSessions } from './aws-sessions.ts';
import { type DnsServer, startDns } from './dns-server.ts';
import type { PolicyDocument } from './iam-policy.ts';
import { type IotCredentialsServer, type IotRequest, startIotCredentials } from './iot-credentials-server.ts';
import { type Pebble, type PebbleOptions, startPebble } from './pebble.ts';
import type { AcmeResource } from './pebble-log.ts';
import { makeCa, type TestCa } from './pki.ts';
import type { OperationName } from './route53-operations.ts';
import { type Route53Options, type Route53Server, startRoute53 } from './route53-server.ts';
import { addHost, type Host, type HostOptions } from './world-host.ts';
import { type Identity, type PolicyName, policyFor } from './world-policies.ts';
import { startWorldRolesAnywhere, type WorldRolesAnywhere } from './world-roles-anywhere.ts';
import type { RecordSetInput } from './zone-records.ts';
import { type HostedZone, ZoneStore } from './zone-store.ts';

export interface WorldOptions {
  /** What hosts trade for credentials. Default: what the variable `TEST_IDENTITY` says, else `iot`. */
  readonly identity?: Identity;
  /** The LAN zone. Default `lan.example`. */
  readonly zone?: string;
  /** Records of others in it. Default: an address, a mail record and a TXT at its apex. */
  readonly records?: readonly RecordSetInput[];
  /** What the role of the hosts may do. Default `challenges of the zone`. */
  readonly policy?: PolicyName | PolicyDocument;
  /** How long a change stays PENDING. Default 300. */
  readonly pendingMs?: number;
  readonly route53?: Partial<Pick<Route53Options, 'rateLimit' | 'processingMs' | 'settleMs'>>;
  readonly pebble?: Omit<Partial<PebbleOptions>, 'dnsServer'>;
  /** The first host. Default: the thing `dashboard` with an EC key. */
  readonly host?: HostOptions;
}

/** What both givers of credentials have. */
export type CredentialsServer = Pick<
  IotCredentialsServer,
  'endpoint' | 'faults' | 'forgetRequests' | 'caPem'
> & {
  readonly requests: readonly Pick<IotRequest, 'requestId' | 'time' | 'path' | 'status' | 'message'>[];
};

export interface Counts {
  readonly acme: Readonly<Partial<Record<AcmeResource, number>>>;
  readonly route53: Readonly<Partial<Record<OperationName | 'unknown', number>>>;
  readonly credentials: number;
}

export interface World {
  readonly zone: HostedZone;
  readonly store: ZoneStore;
  readonly sessions: AwsSessions;
  readonly route53: Route53Server;
  readonly dns: DnsServer;
  readonly identity: Identity;
  readonly iot: IotCredentialsServer;
  readonly rolesAnywhere: WorldRolesAnywhere;
  /** The one of both that the hosts ask, for what tests do with either. */
  readonly credentials: CredentialsServer;
  readonly pebble: Pebble;
  /** The CA of the devices' certificates. */
  readonly deviceCa: TestCa;
  /** Goes away with the world. */
  readonly folder: string;
  /** The host that the world begins with. */
  readonly host: Host;
  /** A further host with a certificate, a thing and a state folder of its own. */
  addHost(options: HostOptions): Promise<Host>;
  /** Replaces what the hosts' role may do, from the next session on. */
  setPolicy(policy: PolicyName | PolicyDocument): void;
  /** The requests since the start or the last `forgetRequests`. */
  counts(): Promise<Counts>;
  forgetRequests(): Promise<void>;
  /** The zone's records as text, PENDING changes included: equal texts, equal zones. */
  snapshot(): string;
  /** Ends everything that was started and removes the folder. */
  stop(): Promise<void>;
}

const roleAlias = 'lanacme';

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const cleanups: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };
  try {
    return await compose(options, stop, (cleanup) => cleanups.push(cleanup));
  } catch (error) {
    await stop();
    throw error;
  }
}

async function compose(
  options: WorldOptions,
  stop: () => Promise<void>,
  onStop: (cleanup: () => Promise<void>) => void,
): Promise<World> {
  const temp = await makeTempFolder('world');
  const folder = temp.path;
  onStop(async () => {
    await temp.remove();
  });

  const identity = options.identity ?? identityIn(process.env);
  const zoneName = options.zone ?? 'lan.example';
  const store = new ZoneStore({ delayMs: options.pendingMs ?? 300 });
  const zone = addZones(store, zoneName, options.records ?? othersRecords(zoneName));

  const sessions = new AwsSessions();
  const route53 = await startRoute53({ store, sessions, ...options.route53 });
  onStop(async () => {
    await route53.close();
  });
  const dns = await startDns({ store });
  onStop(async () => {
    await dns.close();
  });
  const iot = await startIotCredentials({ sessions });
  onStop(async () => {
    await iot.close();
  });
  const deviceCa = await makeCa({ commonName: 'Device test CA' });
  const rolesAnywhere = await startWorldRolesAnywhere({
    sessions,
    zoneName,
    folder,
    caPem: deviceCa.certPem,
  });
  onStop(async () => {
    await rolesAnywhere.server.close();
  });
  const credentials = identity === 'iot' ? iot : rolesAnywhere.server;
  const pebble = await startPebble({ ...options.pebble, dnsServer: dns.address });
  onStop(async () => {
    await pebble.stop();
  });

  const setPolicy = (policy: PolicyName | PolicyDocument): void => {
    const document =
      typeof policy === 'string' ? policyFor(policy, { name: zoneName, id: zone.id }, identity) : policy;
    iot.registry.setAlias(roleAlias, { roleName: 'LanAcme', policies: [document] });
    rolesAnywhere.role.policies = [document];
  };
  setPolicy(options.policy ?? 'challenges of the zone');

  await writeFile(join(folder, 'acme-ca.pem'), pebble.caPem);
  await writeFile(join(folder, 'iot-ca.pem'), iot.caPem);
  const common = {
    LANACME_ZONE: zoneName,
    LANACME_ZONE_ID: zone.id,
    LANACME_NAME_SERVERS: dns.address,
    LANACME_SERVER: pebble.directoryUrl,
    LANACME_SERVER_CA: join(folder, 'acme-ca.pem'),
    LANACME_AGREE_TOS: 'true',
    AWS_ENDPOINT_URL_ROUTE_53: route53.url,
    ...(identity === 'iot'
      ? {
          LANACME_IOT_ENDPOINT: iot.endpoint,
          LANACME_IOT_ROLE_ALIAS: roleAlias,
          LANACME_IOT_CA: join(folder, 'iot-ca.pem'),
        }
      : rolesAnywhere.environment),
  };
  const newHost = async (host: HostOptions): Promise<Host> =>
    await addHost({ folder, zoneName, identity, iot, deviceCa, common }, host);

  let acmeRequestsForgotten = 0;
  return {
    zone,
    store,
    sessions,
    route53,
    dns,
    identity,
    iot,
    rolesAnywhere,
    credentials,
    pebble,
    deviceCa,
    folder,
    host: await newHost(options.host ?? {}),
    addHost: newHost,
    setPolicy,
    async counts() {
      const acme = (await pebble.requests()).slice(acmeRequestsForgotten);
      return {
        acme: countBy(acme.map(({ resource }) => resource)),
        route53: countBy(route53.requests.map(({ operation }) => operation ?? 'unknown')),
        credentials: credentials.requests.length,
      };
    },
    async forgetRequests() {
      acmeRequestsForgotten = (await pebble.requests()).length;
      route53.forgetRequests();
      credentials.forgetRequests();
    },
    snapshot: () => store.snapshot(zone.id),
    stop,
  };
}

/** So that a whole suite can be run with another identity than the usual one. */
function identityIn({
  TEST_IDENTITY: named = 'iot',
}: Readonly<Record<string, string | undefined>>): Identity {
  if (named === 'iot' || named === 'roles-anywhere') return named;
  throw new Error(`TEST_IDENTITY is '${named}': it has to be 'iot' or 'roles-anywhere'`);
}

/** The LAN zone, and its parent with the delegation to it. */
function addZones(store: ZoneStore, name: string, records: readonly RecordSetInput[]): HostedZone {
  const zone = store.addZone({ name, records });
  const parent = name.slice(name.indexOf('.') + 1);
  store.addZone({
    name: parent,
    records: [{ name, type: 'NS', ttl: 172_800, values: zone.nameServers }],
  });
  return zone;
}

function othersRecords(zone: string): readonly RecordSetInput[] {
  return [
    { name: `nas.${zone}`, type: 'A', ttl: 300, values: ['192.0.2.10'] },
    { name: zone, type: 'MX', ttl: 300, values: [`10 nas.${zone}.`] },
    {
      name: zone,
      type: 'TXT',
      ttl: 300,
      values: ['"v=spf1 -all"', '"other \\"quoted\\" text" "in two strings"'],
    },
  ];
}

function countBy<T extends string>(values: readonly T[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
