/**
 * Years of one host in seconds: every hour its timer starts a run that looks at its certificates, while the world around
 * it does what it does. The same seed gives the same years.
 */
import { X509Certificate } from 'node:crypto';
import { caLimits } from '../../src/core/ca-limits.ts';
import type { CertificateName, Domain } from '../../src/core/names.ts';
import { type ErrorCode, LanacmeError } from '../../src/errors.ts';
import type { IssuePorts } from '../../src/flows/issue-request.ts';
import type { RenewalInfo } from '../../src/ports.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import type { AcmeCall, FakeProfile, Ordered } from '../fakes/acme-server.ts';
import { CountedPorts, type PortFault } from '../fakes/port-faults.ts';
import { seededRandom } from '../fakes/seeded-random.ts';
import { IssueWorld, zoneId } from './issue-world.ts';
import {
  dayMs,
  during,
  HostClock,
  hourMs,
  makeWeather,
  type Spell,
  type Trouble,
  type Weather,
} from './weather.ts';

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
  readonly acme: number;
  readonly route53: number;
}

/** A certificate that the CA issued. */
export interface Issued {
  readonly at: number;
  readonly serial: string;
  /** For ARI and `replaces`. */
  readonly certId: string;
  readonly notAfter: number;
  readonly window: RenewalInfo['window'];
}

export interface Lineage {
  readonly name: CertificateName;
  readonly issued: readonly Issued[];
}

export interface Years {
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
  readonly from: number;
  readonly until: number;
}

/** Let's Encrypt's in 2026: how long authorizations can be used again, and may stay unfinished. */
export const lifetimes: Readonly<Record<string, FakeProfile>> = {
  classic: profile('ninety days', 90 * dayMs, 7 * dayMs),
  tlsserver: profile('forty-five days', 45 * dayMs, hourMs),
  shortlived: profile('six days', 160 * hourMs, hourMs),
};

function profile(description: string, validityMs: number, pendingMs: number): FakeProfile {
  return { description, validityMs, pendingMs, reuseMs: 7 * hourMs };
}

const hosts = { classic: 'nas', tlsserver: 'printer', shortlived: 'door' } as const;
const hook = 'reload nginx';

export async function liveYears(options: YearsOptions): Promise<Years> {
  const life = new Life(options);
  await life.begin();
  while (life.hasTime()) await life.nextHour();
  return await life.end();
}

class Life {
  readonly #world: IssueWorld;
  readonly #clock: HostClock;
  readonly #random;
  readonly #weather: Weather;
  readonly #spells: Spell[] = [];
  readonly #runs: Run[] = [];
  readonly #expired: string[] = [];
  readonly #refused: number[] = [];
  #moved = 0;
  /** By live folder and version. */
  readonly #ends = new Map<string, number>();
  readonly #from: number;
  readonly #until: number;
  /** The last day is without trouble. */
  readonly #calm: number;

  constructor({ seed, days, hasBattery, folder }: YearsOptions) {
    this.#world = new IssueWorld(folder, { profiles: lifetimes });
    this.#world.limits = caLimits('letsencrypt', this.#world.ca.directoryUrl);
    this.#random = seededRandom(seed);
    this.#from = this.#now();
    this.#until = this.#from + days * dayMs;
    this.#calm = this.#until - dayMs;
    this.#weather = makeWeather(this.#random, { from: this.#from, to: this.#calm, hasBattery });
    this.#spells.push(...this.#weather.spells);
    this.#clock = new HostClock(this.#world.clock, this.#weather.clockOffsetMs);
    const { ca, route53 } = this.#world;
    ca.before = (call) => {
      this.#failDuring('the CA is down', 'acme.unreachable');
      if (call === 'newOrder') this.#refuseOrder();
    };
    route53.before = () => {
      this.#failDuring('AWS is down', 'route53.unreachable');
      // AWS bears five minutes.
      if (this.#isClockWrong())
        throw new LanacmeError('route53.clock-skew', 'too far off', { hint: 'set it' });
    };
  }

  async begin(): Promise<void> {
    for (const [profileName, host] of Object.entries(hosts))
      await this.#issue(profileName, host, this.#ports());
  }

  hasTime(): boolean {
    return this.#now() < this.#until;
  }

  /** The timer: every hour, some minutes late as the load of the world's CAs wants it. */
  async nextHour(): Promise<void> {
    const next = (Math.floor(this.#now() / hourMs) + 1) * hourMs + this.#random.number() * 600_000;
    this.#world.clock.move(next - this.#now());
    if (this.#random.number() < 1 / (24 * 20)) this.#moveWindow();
    if (this.#isNow('the host is off')) return;
    if (this.#isClockWrong() && this.#random.number() < 0.2) await this.#tryByHand();
    await this.#run();
    await this.#lookAtLive();
  }

  async end(): Promise<Years> {
    const world = this.#world;
    const left = [
      ...(await world.journal.entries()).map(({ id }) => `the journal holds ${id}`),
      ...(world.zones.snapshot(zoneId) === world.untouched ? [] : ['the zone is not as it was']),
      ...world.ca.authorizations.pending().map((name) => `an authorization of ${name} is pending`),
      ...(await this.#notDeployed()),
    ];
    return {
      runs: this.#runs,
      spells: this.#spells,
      lineages: this.#lineages(),
      orders: world.ca.ordered,
      refused: this.#refused,
      moved: this.#moved,
      expired: this.#expired,
      left,
      from: this.#from,
      until: this.#now(),
    };
  }

  async #run(): Promise<void> {
    const world = this.#world;
    const at = this.#now();
    const [acme, route53] = [world.ca.calls.length, world.route53.calls.length];
    world.ca.clockOffsetMs = -this.#weather.clockOffsetMs(at);
    if (this.#isNow('the hook fails'))
      world.hooks.failing.set(hook, new LanacmeError('hook.failed', 'no', { hint: 'x' }));
    else world.hooks.failing.clear();
    // Most runs have little to do and are over before it strikes.
    const isFatal = at < this.#calm && this.#random.number() < 0.3;
    const fault: PortFault = {
      at: isFatal ? 1 + Math.floor(this.#random.number() * 120) : Infinity,
      when: this.#random.number() < 0.5 ? 'before' : 'after',
      strike: () => 'die',
    };
    const counted = new CountedPorts(this.#ports(), fault, true);
    const errors = await Promise.race([this.#renew(counted.ports), counted.death.then(() => undefined)]);
    await counted.settled();
    if (errors === undefined) {
      world.lock.isHeld = false;
      this.#spells.push({ trouble: 'a run was killed', from: at, to: this.#now() });
    }
    this.#runs.push({
      at,
      errors: errors ?? [],
      wasKilled: errors === undefined,
      acme: requestsIn(world.ca.calls.slice(acme)),
      route53: world.route53.calls.length - route53,
    });
  }

  async #renew(ports: IssuePorts): Promise<readonly LanacmeError[]> {
    const { failures } = await this.#world.renew({}, { ports });
    return failures.map(({ error }) => error);
  }

  /** Somebody who does not know that it is the clock. */
  async #tryByHand(): Promise<void> {
    const [profileName, host] = ['shortlived', hosts.shortlived];
    await this.#issue(profileName, host, this.#ports(), true).catch((error: unknown) => {
      if (!(error instanceof LanacmeError)) throw error;
    });
  }

  async #issue(
    profileName: string,
    host: string,
    ports: IssuePorts,
    force = false,
  ): Promise<readonly LanacmeError[]> {
    const domain = `${host}.lan.example`;
    const { errors } = await this.#world.issue(
      {
        name: domain as CertificateName,
        spec: { domains: [domain as Domain], profile: profileName },
        deployHooks: [hook],
        force,
      },
      { ports },
    );
    return errors;
  }

  async #lookAtLive(): Promise<void> {
    const { certificates } = this.#world;
    for (const name of await certificates.names()) {
      const live = await certificates.liveVersion(name);
      if (live === undefined) continue;
      const key = `${name} ${live.version}`;
      const files = this.#ends.has(key) ? undefined : (await certificates.live(name))?.files;
      if (files !== undefined) this.#ends.set(key, Date.parse(new X509Certificate(files.cert).validTo));
      if ((this.#ends.get(key) ?? 0) > this.#now()) continue;
      this.#expired.push(`${key} at ${new Date(this.#now()).toISOString()}`);
    }
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

  #lineages(): readonly Lineage[] {
    const { issued, renewals } = this.#world.ca;
    const all = issued.map(({ chains: [pem = ''], serial, ariId }) => {
      const { subjectAltName = '', validFrom, validTo } = new X509Certificate(pem);
      const one: Issued = {
        // Certificates are backdated by an hour.
        at: Date.parse(validFrom) + hourMs,
        serial,
        certId: ariId,
        notAfter: Date.parse(validTo),
        window: renewals.info(ariId).window,
      };
      return { name: subjectAltName.replace(/^DNS:/, ''), one };
    });
    return [...new Set(all.map(({ name }) => name))].map((name) => ({
      name: name as CertificateName,
      issued: all.filter((other) => other.name === name).map(({ one }) => one),
    }));
  }

  #ports(): IssuePorts {
    return { ...this.#world.ports(), clock: this.#clock, random: this.#random };
  }

  /** With the instant from which on it takes orders again. */
  #refuseOrder(): void {
    const spell = this.#spellNow('the CA takes no orders');
    if (spell === undefined) return;
    this.#refused.push(this.#now());
    const problem = acmeProblem('rateLimited', 'too many new orders recently');
    this.#world.ca.refuse('newOrder', problem, spell.to - this.#now());
  }

  /** As in an incident: the CA wants a certificate renewed earlier than it has said. */
  #moveWindow(): void {
    const { ca } = this.#world;
    const lineages = this.#lineages();
    const { issued = [] } = lineages[Math.floor(this.#random.number() * lineages.length)] ?? {};
    const [last, start] = [issued.at(-1), this.#now() + 8 * hourMs];
    if (last === undefined || last.window.start.getTime() < start + dayMs) return;
    ca.renewals.suggest(last.certId, {
      window: { start: new Date(start), end: new Date(start + 6 * hourMs) },
      explanationUrl: 'https://ca.example/incident',
    });
    this.#moved += 1;
  }

  #failDuring(trouble: Trouble, code: ErrorCode): void {
    if (this.#isNow(trouble)) throw new LanacmeError(code, trouble, { hint: 'wait' });
  }

  #isNow(trouble: Trouble): boolean {
    return this.#spellNow(trouble) !== undefined;
  }

  #isClockWrong(): boolean {
    return this.#weather.clockOffsetMs(this.#now()) !== 0;
  }

  #spellNow(trouble: Trouble): Spell | undefined {
    return during(this.#weather.spells, { from: this.#now() }).find((spell) => spell.trouble === trouble);
  }

  #now(): number {
    return this.#world.clock.now().getTime();
  }
}

/** The adapter asks once a run for the directory. */
function requestsIn(calls: readonly AcmeCall[]): number {
  const others = calls.filter((call) => call !== 'directory');
  return others.length + (others.length < calls.length ? 1 : 0);
}
