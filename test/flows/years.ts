/**
 * Years of one host in seconds: every hour its timer starts a run that looks at its certificates, while the world around
 * it does what it does. The same seed gives the same years.
 */
import { X509Certificate } from 'node:crypto';
import type { CertificateName, Domain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import type { IssuePorts } from '../../src/flows/issue-request.ts';
import type { Random } from '../../src/ports.ts';
import type { AcmeCall, Ordered } from '../fakes/acme-server.ts';
import { CountedPorts, type PortFault } from '../fakes/port-faults.ts';
import { seededRandom } from '../fakes/seeded-random.ts';
import { zoneId } from './issue-world.ts';
import { type Lineage, lineagesOf } from './lineages.ts';
import { hook, TroubledWorld } from './troubled-world.ts';
import { dayMs, hourMs, type Spell } from './weather.ts';

export interface YearsOptions {
  readonly seed: number;
  readonly days: number;
  readonly hasBattery: boolean;
  /** For the state of the host. */
  readonly folder: string;
}

/** One run of the timer. */
export interface Run {
  readonly at: number;
  readonly errors: readonly LanacmeError[];
  readonly wasKilled: boolean;
  /** Requests. */
  readonly acme: number;
  readonly route53: number;
}

/** Instants are milliseconds since 1970. */
export interface Years {
  readonly from: number;
  readonly until: number;
  readonly runs: readonly Run[];
  readonly spells: readonly Spell[];
  readonly lineages: readonly Lineage[];
  readonly orders: readonly Ordered[];
  /** When the CA refused an order and said until when it wants none. */
  readonly refused: readonly number[];
  /** How often the CA moved a window to an earlier time. */
  readonly moved: number;
  /** Whatever was live although its time was over, `NAME VERSION at INSTANT`. */
  readonly expired: readonly string[];
  /** What is left at the end of a last quiet day. */
  readonly left: readonly string[];
}

/** By the profile of their certificate. */
const hosts = { classic: 'nas', tlsserver: 'printer', shortlived: 'door' } as const;
type Profile = keyof typeof hosts;

export async function liveYears({ seed, days, hasBattery, folder }: YearsOptions): Promise<Years> {
  const random = seededRandom(seed);
  const life = new Life(new TroubledWorld(folder, random, { days, hasBattery }), random, days);
  await life.begin();
  while (life.hasTime()) await life.nextHour();
  return await life.end();
}

class Life {
  readonly #world: TroubledWorld;
  readonly #random: Random;
  readonly #from: number;
  readonly #until: number;
  readonly #runs: Run[] = [];
  readonly #killed: Spell[] = [];
  readonly #expired: string[] = [];
  /** When what is live expires, by name and version. */
  readonly #ends = new Map<string, number>();
  #moved = 0;

  constructor(world: TroubledWorld, random: Random, days: number) {
    this.#world = world;
    this.#random = random;
    this.#from = world.now();
    this.#until = this.#from + days * dayMs;
  }

  async begin(): Promise<void> {
    for (const profile of Object.keys(hosts) as Profile[]) await this.#issue(profile, false);
  }

  hasTime(): boolean {
    return this.#world.now() < this.#until;
  }

  /** The timer: every hour, some minutes late for the sake of CAs. */
  async nextHour(): Promise<void> {
    const world = this.#world;
    const next = (Math.floor(world.now() / hourMs) + 1) * hourMs + this.#random.number() * 600_000;
    world.clock.move(next - world.now());
    if (this.#random.number() < 1 / (24 * 20)) this.#moveWindow();
    if (world.isNow('the host is off')) return;
    // Somebody tries who does not know that it is the clock.
    if (world.isClockWrong() && this.#random.number() < 0.2) await this.#issue('shortlived', true);
    await this.#run();
    await this.#lookAtLive();
  }

  async end(): Promise<Years> {
    const { ca, refused, weather } = this.#world;
    return {
      from: this.#from,
      until: this.#world.now(),
      runs: this.#runs,
      spells: [...weather.spells, ...this.#killed],
      lineages: lineagesOf(ca),
      orders: ca.ordered,
      refused,
      moved: this.#moved,
      expired: this.#expired,
      left: await this.#left(),
    };
  }

  /** Most runs have little to do, and are over before the call at which they would be killed. */
  #fault(): PortFault {
    const isFatal = this.#world.now() < this.#until - dayMs && this.#random.number() < 0.3;
    return {
      at: isFatal ? 1 + Math.floor(this.#random.number() * 120) : Infinity,
      when: this.#random.number() < 0.5 ? 'before' : 'after',
      strike: () => 'die',
    };
  }

  async #run(): Promise<void> {
    const world = this.#world;
    world.beginRun();
    const at = world.now();
    const [acme, route53] = [world.ca.calls.length, world.route53.calls.length];
    const counted = new CountedPorts(world.ports(), this.#fault(), true);
    const errors = await Promise.race([this.#renew(counted.ports), counted.death.then(() => undefined)]);
    await counted.settled();
    const wasKilled = errors === undefined;
    if (wasKilled) {
      world.lock.isHeld = false;
      this.#killed.push({ trouble: 'a run was killed', from: at, to: world.now() });
    }
    this.#runs.push({
      at,
      errors: errors ?? [],
      wasKilled,
      acme: requestsIn(world.ca.calls.slice(acme)),
      route53: world.route53.calls.length - route53,
    });
  }

  async #renew(ports: IssuePorts): Promise<readonly LanacmeError[]> {
    const { failures } = await this.#world.renew({}, { ports });
    return failures.map(({ error }) => error);
  }

  /** By a person; what it fails with is for that one to read. */
  async #issue(profile: Profile, force: boolean): Promise<void> {
    const domain = `${hosts[profile]}.lan.example`;
    const spec = { domains: [domain as Domain], profile };
    const request = { name: domain as CertificateName, spec, deployHooks: [hook], force };
    await this.#world.issue(request).catch((error: unknown) => {
      if (!(error instanceof LanacmeError)) throw error;
    });
  }

  /** As in an incident: the CA wants a certificate renewed earlier than it has said. */
  #moveWindow(): void {
    const { ca } = this.#world;
    const lineages = lineagesOf(ca);
    const { issued = [] } = lineages[Math.floor(this.#random.number() * lineages.length)] ?? {};
    const [last, start] = [issued.at(-1), this.#world.now() + 8 * hourMs];
    if (last === undefined || last.window.start.getTime() < start + dayMs) return;
    const window = { start: new Date(start), end: new Date(start + 6 * hourMs) };
    ca.renewals.suggest(last.certId, { window, explanationUrl: 'https://ca.example/incident' });
    this.#moved += 1;
  }

  async #lookAtLive(): Promise<void> {
    const { certificates } = this.#world;
    for (const name of await certificates.names()) {
      const version = (await certificates.liveVersion(name))?.version ?? 'nothing';
      const key = `${name} ${version}`;
      const files = this.#ends.has(key) ? undefined : (await certificates.live(name))?.files;
      if (files !== undefined) this.#ends.set(key, Date.parse(new X509Certificate(files.cert).validTo));
      if ((this.#ends.get(key) ?? 0) > this.#world.now()) continue;
      this.#expired.push(`${key} at ${new Date(this.#world.now()).toISOString()}`);
    }
  }

  async #left(): Promise<readonly string[]> {
    const { journal, zones, untouched, ca } = this.#world;
    return [
      ...(await journal.entries()).map(({ id }) => `the journal holds ${id}`),
      ...(zones.snapshot(zoneId) === untouched ? [] : ['the zone is not as it was']),
      ...ca.authorizations.pending().map((name) => `an authorization of ${name} is pending`),
      ...(await this.#notDeployed()),
    ];
  }

  async #notDeployed(): Promise<readonly string[]> {
    const { certificates, hooks } = this.#world;
    const told = new Set(
      hooks.runs.map(({ environment: { LANACME_HOOK_NAME: name, LANACME_HOOK_VERSION: version } }) =>
        [name, version].join(' '),
      ),
    );
    const names = await certificates.names();
    const lives = await Promise.all(
      names.map(async (name) => `${name} ${(await certificates.liveVersion(name))?.version ?? 'nothing'}`),
    );
    return lives.filter((live) => !told.has(live)).map((live) => `${live} was never deployed`);
  }
}

/** The adapter asks once a run for the directory. */
function requestsIn(calls: readonly AcmeCall[]): number {
  const others = calls.filter((call) => call !== 'directory');
  return others.length + (others.length < calls.length ? 1 : 0);
}
