/**
 * A world for one row after the other, with a CA that can misbehave. Two lanes use both cores; rows of different lanes
 * share nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastTime } from '../../support/fast-time.ts';
import { runLanacme } from '../../support/run-lanacme.ts';
import { type AcmeFaultProxy, startAcmeFaultProxy } from '../../world/acme-fault-proxy.ts';
import { startWorld, type World } from '../../world/world.ts';
import type { Host } from '../../world/world-host.ts';
import type { Identity } from '../../world/world-policies.ts';
import type { WorldRolesAnywhere } from '../../world/world-roles-anywhere.ts';
import { keyOf } from '../../world/zone-records.ts';
import { pendingAuthorizations } from './pending-authorizations.ts';

/** Two authorizations, one name in the zone, two values. */
export const domains = ['fault.lan.example', '*.fault.lan.example'] as const;
export const certificateName = 'fault.lan.example';

const pendingMs = 20;

export interface Lane {
  readonly world: World;
  readonly ca: AcmeFaultProxy;
  /** A state folder with a certificate and an account, to be copied. */
  readonly stateWithCertificate: string;
  newHost(): Promise<Host>;
  /** Ends every fault. */
  mend(): void;
  /** Forgets the requests, and takes what others have put into the zone out again. */
  forget(): void;
  stop(): Promise<void>;
}

export async function startLane(identity?: Identity): Promise<Lane> {
  const world = await startWorld({
    pendingMs,
    route53: { rateLimit: 'none' },
    ...(identity === undefined ? {} : { identity }),
  });
  const ca = await startAcmeFaultProxy(world.pebble);
  const caFile = join(world.folder, 'fault-proxy-ca.pem');
  await writeFile(caFile, ca.caPem);
  const throughProxy = { LANACME_SERVER: ca.directoryUrl, LANACME_SERVER_CA: caFile };
  const behaviour = { ...world.route53.behaviour };
  const mendRolesAnywhere = mender(world.rolesAnywhere);
  const recordsAtFirst = new Set(world.store.records(world.zone.id).map(keyOf));
  let hosts = 0;
  const lane: Lane = {
    world,
    ca,
    stateWithCertificate: world.host.stateDir,
    async newHost() {
      hosts += 1;
      const host = await world.addHost({ thingName: `thing-${hosts}` });
      return { ...host, environment: (changes) => host.environment({ ...throughProxy, ...changes }) };
    },
    mend() {
      ca.faults.clear();
      world.route53.faults.clear();
      world.credentials.faults.clear();
      mendRolesAnywhere();
      world.iot.badCertificates = 'forbidden';
      Object.assign(world.route53.behaviour, behaviour);
      world.store.delayMs = pendingMs;
      world.store.syncAll();
      world.setPolicy('challenges of the zone');
    },
    forget() {
      const foreign = world.store.records(world.zone.id).filter((set) => !recordsAtFirst.has(keyOf(set)));
      const changes = foreign.map((recordSet) => ({ action: 'DELETE', recordSet }) as const);
      if (changes.length > 0) world.store.edit(world.zone.id, changes);
      ca.forgetRequests();
      world.route53.forgetRequests();
      world.credentials.forgetRequests();
    },
    async stop() {
      await ca.stop();
      await world.stop();
    },
  };
  await issueFirst(lane, world.host.environment(throughProxy));
  return lane;
}

/** Puts what AWS has back to what it is now. */
function mender({ server, trustAnchor, profile, role }: WorldRolesAnywhere): () => void {
  const { toleratedSkewMs } = server;
  const objects = [trustAnchor, profile, role].map((object) => [object, { ...object }] as const);
  return () => {
    for (const [object, before] of objects) Object.assign(object, before);
    server.toleratedSkewMs = toleratedSkewMs;
  };
}

async function issueFirst(lane: Lane, environment: Readonly<Record<string, string>>): Promise<void> {
  const { nodeArgs, env } = fastTime({ skips: 20 });
  const args = ['issue', ...domains.map((domain) => `--domain=${domain}`)];
  const result = await runLanacme(args, { nodeArgs, env: { ...environment, ...env } });
  if (result.code !== 0) throw new Error(`no certificate without any fault:\n${result.stderr}`);
  await pendingAuthorizations(lane, lane.stateWithCertificate);
  await withoutPredecessor(lane.stateWithCertificate);
  lane.forget();
}

/**
 * Every row orders on a copy of this one certificate. An order that replaces it is made a second time without that when
 * the CA refuses it, and the CA takes only one such order: what comes of that has tests of its own.
 */
async function withoutPredecessor(stateDir: string): Promise<void> {
  const path = join(stateDir, 'certificates', `${certificateName}.json`);
  const record = JSON.parse(await readFile(path, 'utf8')) as { installed: { certId?: string }; ari?: object };
  delete record.installed.certId;
  delete record.ari;
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Hands out lanes, each to one row at a time. */
export class Lanes {
  readonly #lanes: Lane[];
  readonly #free: Lane[];
  readonly #waiting: ((lane: Lane) => void)[] = [];

  private constructor(lanes: Lane[]) {
    this.#lanes = lanes;
    this.#free = [...lanes];
  }

  /** Of hosts with this identity; without it, of the one that the run of the tests is for. */
  static async start(count: number, identity?: Identity): Promise<Lanes> {
    return new Lanes(await Promise.all(Array.from({ length: count }, async () => await startLane(identity))));
  }

  async use<T>(work: (lane: Lane) => Promise<T>): Promise<T> {
    const lane = this.#free.pop() ?? (await new Promise<Lane>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(lane);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(lane);
      else next(lane);
    }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#lanes.map(async (lane) => {
        await lane.stop();
      }),
    );
  }
}
