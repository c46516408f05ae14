/**
 * Must hold in every order of events: several hosts with several orders each write to one zone, lose races, answers and
 * power, while others edit the same sets by hand. The small Route 53 is strict and judges every batch.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { LanacmeError, SeveralErrors } from '../../src/errors.ts';
import { cleanUpLeftovers, leftoverMs } from '../../src/flows/clean-up.ts';
import { type PublishPorts, whilePublished } from '../../src/flows/publish-challenges.ts';
import { ZoneWriter } from '../../src/flows/zone-writer.ts';
import type { JournalStore, Route53 } from '../../src/ports.ts';
import { challengeText } from '../core/dns-arbitraries.ts';
import { FakeJournalStore } from '../fakes/journal-store.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { accessDenied, FakeRoute53 } from '../fakes/route53.ts';
import { seededRandom } from '../fakes/seeded-random.ts';
import { BatchRefused } from '../world/zone-batch.ts';
import type { Change, RecordSet } from '../world/zone-records.ts';
import { ZoneStore } from '../world/zone-store.ts';
import { Interleaving } from './interleaving.ts';

const zone = { zone: parseDnsName('lan.example'), zoneId: 'Z0TEST', aliases: [] };
const places = ['_acme-challenge.lan.example', '_acme-challenge.a.lan.example'].map(parseDnsName);
const never = (): AbortSignal => new AbortController().signal;

// ---- what may happen ----

const order = fc.record({
  /** Indices of names. */
  at: fc.uniqueArray(fc.nat(places.length - 1), { minLength: 1 }),
  /** Its value; equal ones on one host are one. */
  value: fc.nat(2),
  startMs: fc.nat(6_000),
  validationMs: fc.nat(4_000),
  outcome: fc.constantFrom('valid', 'valid', 'valid', 'invalid'),
  /** Aborted so long after its start. */
  abortMs: fc.option(fc.nat(9_000), { nil: undefined, freq: 5 }),
});

const host = fc.record({
  orders: fc.array(order, { minLength: 1, maxLength: 3 }),
  /** The call at which it loses power, and whether the call had its effect. */
  death: fc.option(fc.record({ call: fc.integer({ min: 1, max: 25 }), isAfter: fc.boolean() }), {
    nil: undefined,
  }),
  /** The change whose answer is lost, and whether the adapter sends it again by itself. */
  lost: fc.option(fc.record({ change: fc.integer({ min: 1, max: 5 }), isResent: fc.boolean() }), {
    nil: undefined,
  }),
});

const edit = fc.record({
  at: fc.nat(places.length - 1),
  afterMs: fc.nat(8_000),
  kind: fc.constantFrom('add', 'remove', 'multivalue'),
  value: fc.nat(3),
  ttl: fc.constantFrom(10, 60, 300),
});

const night = fc.record({
  hosts: fc.array(host, { minLength: 1, maxLength: 3 }),
  edits: fc.array(edit, { maxLength: 5 }),
  inSyncMs: fc.constantFrom(0, 3_000, 7_000),
  /** Whether ListResourceRecordSets is allowed; if not, name servers tell what is there, and are behind. */
  mayList: fc.boolean(),
  choices: fc.array(fc.nat(59), { size: 'max', maxLength: 400 }),
});

type Night = typeof night extends fc.Arbitrary<infer T> ? T : never;
type Host = Night['hosts'][number];
type Order = Host['orders'][number];

// ---- the zone, as others see it ----

const foreignText = (value: number): string => `"theirs ${value}"`;
const isForeign = (value: string): boolean => value.startsWith('"theirs');

/** What is not ours: every foreign value with its set's TTL and identifier, in order. */
function foreignView(zones: ZoneStore): string {
  return zones
    .records(zone.zoneId)
    .filter(({ type, values }) => type !== 'TXT' || values.some(isForeign))
    .map(({ name, type, ttl, values, setIdentifier }) =>
      JSON.stringify([name, type, ttl, setIdentifier, type === 'TXT' ? values.filter(isForeign) : values]),
    )
    .join('\n');
}

function oursIn(zones: ZoneStore): readonly string[] {
  const sets = zones.records(zone.zoneId).filter(({ type }) => type === 'TXT');
  return sets.flatMap(({ name, values }) =>
    values.filter((value) => !isForeign(value)).map((value) => `${name} ${value}`),
  );
}

/** Somebody with a web console, or another tool: atomic, and careful with what is there. */
function editByHand(zones: ZoneStore, wanted: Night['edits'][number]): void {
  const name = `${places[wanted.at] ?? ''}.`;
  const here = zones.records(zone.zoneId).filter((set) => set.type === 'TXT' && set.name === name);
  try {
    zones.edit(zone.zoneId, wanted.kind === 'remove' ? removal(here, wanted) : addition(here, name, wanted));
  } catch (error) {
    // Another style, a CNAME: the console says no.
    if (!(error instanceof BatchRefused)) throw error;
  }
}

function removal(here: readonly RecordSet[], { value }: Night['edits'][number]): readonly Change[] {
  const text = foreignText(value);
  return here
    .filter(({ values }) => values.includes(text))
    .flatMap((set) =>
      swapped(
        set,
        set.values.filter((other) => other !== text),
      ),
    );
}

function addition(
  here: readonly RecordSet[],
  name: string,
  wanted: Night['edits'][number],
): readonly Change[] {
  const text = foreignText(wanted.value);
  if (here.some(({ values }) => values.includes(text))) return [];
  const [first] = here;
  const isSimple = first === undefined ? wanted.kind === 'add' : first.setIdentifier === undefined;
  if (first !== undefined && isSimple) return swapped(first, [...first.values, text]);
  const set = { name, type: 'TXT', ttl: first?.ttl ?? wanted.ttl, values: [text] };
  const recordSet = isSimple ? set : { ...set, setIdentifier: text, multiValueAnswer: true };
  return [{ action: 'CREATE', recordSet }];
}

function swapped(set: RecordSet, values: readonly string[]): readonly Change[] {
  const made: readonly Change[] =
    values.length === 0 ? [] : [{ action: 'CREATE', recordSet: { ...set, values } }];
  return [{ action: 'DELETE', recordSet: set }, ...made];
}

// ---- the run ----

class World {
  readonly time: Interleaving;
  readonly zones: ZoneStore;
  readonly wrong: string[] = [];
  readonly mayList: boolean;
  readonly #foreign: { view: string };

  constructor({ choices, inSyncMs, mayList }: Night) {
    this.mayList = mayList;
    this.time = new Interleaving(choices);
    this.zones = new ZoneStore({ now: () => this.time.now(), delayMs: inSyncMs, valueOrder: 'listed' });
    this.zones.addZone({ name: zone.zone, id: zone.zoneId });
    this.#foreign = { view: foreignView(this.zones) };
    this.zones.onChange(({ by, changes }) => {
      const view = foreignView(this.zones);
      if (by === 'us' && view !== this.#foreign.view) {
        this.wrong.push(`${JSON.stringify(changes)} changed ${this.#foreign.view} to ${view}`);
      }
      this.#foreign.view = view;
    });
  }

  async hosts({ hosts, edits, mayList }: Night): Promise<void> {
    const journals = hosts.map(() => new FakeJournalStore());
    await this.time.run(
      Promise.all([
        ...hosts.map(async (one, index) => {
          await this.#host(one, index, journals[index]!);
        }),
        ...edits.map(async (one) => {
          await this.time.sleep(one.afterMs, never());
          // Without the list, nobody knows the TTL of a multivalue group that no name server shows yet.
          editByHand(this.zones, mayList || one.kind === 'remove' ? one : { ...one, kind: 'add' });
        }),
      ]),
    );
    this.time.calmDown();
    // Whatever was left by failures: the last word of each host, with nobody in its way.
    for (const [index, journal] of journals.entries()) {
      await this.time.run(
        this.#cleanUp(index, journal).then((errors) => {
          this.wrong.push(...errors.map((error) => `clean-up of host ${index} failed: ${error.message}`));
        }),
      );
    }
  }

  /** One that is killed runs again at once, and cleans up first. */
  async #host(one: Host, index: number, journal: FakeJournalStore): Promise<void> {
    const power = new Power(one, this);
    const ports = this.#ports(index, power.route53(), power.journal(journal));
    const writer = new ZoneWriter(zone, ports);
    const orders = one.orders.map(async (wanted, number) => {
      const own = { ...ports, writer, random: seededRandom(100 * index + number) };
      await this.#order(wanted, index, own, power);
    });
    const ended = await Promise.race([Promise.all(orders), power.death]);
    if (ended === 'dead') await this.#cleanUp(index, journal);
  }

  async #order(
    { at, value, startMs, validationMs, outcome, abortMs }: Order,
    index: number,
    ports: PublishPorts,
    power: Power,
  ): Promise<void> {
    const { time, zones } = this;
    const aborting = new AbortController();
    const records = at.map((place) => ({
      name: places[place]!,
      value: challengeText(`host ${index} value ${value}`),
    }));
    await time.sleep(startMs, never());
    if (abortMs !== undefined) {
      time.deadline(abortMs).addEventListener('abort', () => {
        aborting.abort(new LanacmeError('run.interrupted', 'SIGTERM', { hint: 'x' }));
      });
    }
    const lacks = (where: string, sets: readonly { name: string; values: readonly string[] }[]): void => {
      for (const record of records) {
        const isThere = sets.some(
          ({ name, values }) => name === `${record.name}.` && values.includes(record.value),
        );
        if (!isThere && !power.isOut) this.wrong.push(`${record.name} ${record.value} is not ${where}`);
      }
    };
    const publication = { certificate: parseCertificateName('lan.example'), records, dnsTimeoutMs: 600_000 };
    try {
      const { leftBehind } = await whilePublished(publication, ports, aborting.signal, async () => {
        lacks('served after INSYNC', [...zones.served(zone.zoneId).values()]);
        await time.sleep(validationMs, aborting.signal);
        lacks('there while the CA looks', [...zones.served(zone.zoneId).values()]);
        if (outcome === 'invalid') throw new LanacmeError('acme.challenge-failed', 'no', { hint: 'x' });
      });
      this.#expect(await leftBehind);
    } catch (error) {
      this.#expect(error instanceof SeveralErrors ? error.errors : [error]);
    }
  }

  /** Only what was done to the host may keep it from its goal. */
  #expect(errors: readonly unknown[]): void {
    for (const error of errors) {
      const code = error instanceof LanacmeError ? error.code : 'none';
      if (
        ['acme.challenge-failed', 'route53.lost-race', 'route53.unreachable', 'run.interrupted'].includes(
          code,
        )
      )
        continue;
      this.wrong.push(
        `unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }

  async #cleanUp(index: number, journal: FakeJournalStore): Promise<readonly LanacmeError[]> {
    const ports = { ...this.#ports(index, steppedRoute53(this), journal), journal };
    return (await cleanUpLeftovers(await journal.entries(), zone, ports, leftoverMs, never())).errors;
  }

  #ports(index: number, route53: Route53, journal: JournalStore) {
    const nameServers = new FakeNameServers(this.zones, zone.zoneId);
    return {
      route53,
      journal,
      clock: this.time,
      log: new FakeLog(),
      random: seededRandom(index),
      nameServers: async () => await Promise.resolve(nameServers),
    };
  }
}

/** A Route 53 whose calls wait for their turn, on the way there and on the way back. */
function steppedRoute53({ zones, time, mayList }: World, isOut: () => boolean = () => false): Route53 {
  const real = new FakeRoute53(zones);
  real.before = (call) => {
    if (call === 'recordSets' && !mayList) throw accessDenied('ListResourceRecordSets');
  };
  const stepped = async <T>(signal: AbortSignal, effect: () => Promise<T>): Promise<T> => {
    await time.step();
    // A request that has not arrived when its host loses power never does.
    if (isOut()) await forEver();
    signal.throwIfAborted();
    const answer = await effect();
    await time.step();
    signal.throwIfAborted();
    return answer;
  };
  return {
    signIn: async () => {
      await real.signIn();
    },
    hostedZones: async (name) => await real.hostedZones(name),
    close: async () => {
      await real.close();
    },
    change: async (batch, signal) => await stepped(signal, async () => await real.change(batch)),
    recordSets: async (id, name, signal) =>
      await stepped(signal, async () => await real.recordSets(id, name)),
    isInSync: async (id, signal) => await stepped(signal, async () => await real.isInSync(id)),
  };
}

async function forEver(): Promise<never> {
  return await new Promise<never>(() => undefined);
}

/** A host's calls, until it loses power: then no call comes back any more. */
class Power {
  readonly death: Promise<'dead'>;
  isOut = false;
  readonly #host: Host;
  readonly #world: World;
  #die: () => void = () => undefined;
  #calls = 0;
  #changes = 0;

  constructor(one: Host, world: World) {
    this.#host = one;
    this.#world = world;
    this.death = new Promise((resolve) => {
      this.#die = () => {
        this.isOut = true;
        resolve('dead');
      };
    });
  }

  route53(): Route53 {
    const real = this.#powered(steppedRoute53(this.#world, () => this.isOut));
    return {
      ...real,
      change: async (batch, signal) => {
        const answer = await real.change(batch, signal);
        this.#changes += 1;
        if (this.#changes !== this.#host.lost?.change) return answer;
        if (this.#host.lost.isResent) return await real.change(batch, signal);
        throw new LanacmeError('route53.unreachable', 'the answer was lost', { hint: 'x' });
      },
    };
  }

  journal(journal: FakeJournalStore): JournalStore {
    return this.#powered<JournalStore>(journal);
  }

  #powered<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, member) => {
        const method: unknown = Reflect.get(target, member);
        if (typeof method !== 'function') return method;
        return async (...given: unknown[]): Promise<unknown> => {
          this.#calls += 1;
          const number = this.#calls;
          await this.#pass(number, false);
          const answer = (await Reflect.apply(method, target, given)) as unknown;
          await this.#pass(number, true);
          return answer;
        };
      },
    });
  }

  async #pass(call: number, isAfter: boolean): Promise<void> {
    const { death } = this.#host;
    if (death?.call === call && death.isAfter === isAfter) this.#die();
    if (this.isOut) await forEver();
  }
}

/** `RUNS` of them, from `SEED`: the long form of this test. */
const { RUNS: runs = '250', SEED: seed } = process.env;

it(
  'no foreign value is ever lost, and none of ours is left, whatever happens in whatever order',
  async () => {
    await fc.assert(
      fc.asyncProperty(night, async (given) => {
        const world = new World(given);
        await world.hosts(given);
        expect(world.wrong).toEqual([]);
        expect(oursIn(world.zones)).toEqual([]);
      }),
      { numRuns: Number(runs), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    );
  },
  60_000 + 100 * Number(runs),
);
