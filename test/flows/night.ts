/** A night in which many hosts renew one name at once, on a clock that takes no time. */
import { quoteTxt } from '../../src/core/challenge-value.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { whilePublished } from '../../src/flows/publish-challenges.ts';
import { ZoneWriter } from '../../src/flows/zone-writer.ts';
import { FakeJournalStore } from '../fakes/journal-store.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeNameServers } from '../fakes/name-servers.ts';
import { type AccountAnswer, FakeAccount } from '../fakes/route53-account.ts';
import { seededRandom } from '../fakes/seeded-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { ZoneStore } from '../world/zone-store.ts';

export interface NightOptions {
  readonly seed: number;
  readonly hosts: number;
  /** Within this time they all start. */
  readonly spreadMs: number;
  readonly inSyncMs: number;
  readonly perSecond: number;
  /** Whether they may ListResourceRecordSets. */
  readonly mayList: boolean;
  /** Whether somebody else has a value there from the start, and adds one in the middle. */
  readonly thirdParty: boolean;
}

export interface Night {
  readonly answers: readonly AccountAnswer[];
  /** From the first start to the last end. */
  readonly seconds: number;
  readonly failures: readonly unknown[];
  readonly before: string;
  readonly after: string;
  readonly logs: readonly FakeLog[];
}

const zone = parseDnsName('lan.example');
const name = parseDnsName('_acme-challenge.lan.example');
const zoneId = 'Z0NIGHT';
const foreign = '"somebody else\'s \\"quoted\\" text" "in two strings"';
/** What somebody else adds in the middle. */
export const laterValue = `"${'t'.repeat(43)}"`;

export async function simulateNight(options: NightOptions): Promise<Night> {
  const clock = new VirtualClock();
  const random = seededRandom(options.seed);
  const zones = new ZoneStore({ now: () => clock.now(), delayMs: options.inSyncMs });
  const set = (values: readonly string[]) => ({ name, type: 'TXT', ttl: 300, values });
  zones.addZone({ name: zone, id: zoneId, records: options.thirdParty ? [set([foreign])] : [] });
  const before = zones.snapshot(zoneId);
  const account = new FakeAccount({
    zones,
    clock,
    random,
    perSecond: options.perSecond,
    mayList: options.mayList,
  });
  const begun = clock.now().getTime();
  const logs: FakeLog[] = [];
  const hosts = Array.from({ length: options.hosts }, async (_, index) => {
    const own = seededRandom(options.seed * 1000 + index);
    const { signal } = new AbortController();
    await clock.sleep(random.number() * options.spreadMs, signal);
    const log = new FakeLog();
    logs.push(log);
    const ports = { clock, random: own, log };
    const value = quoteTxt(own.hex(22).slice(0, 43));
    const nameServers = async () => await Promise.resolve(new FakeNameServers(zones, zoneId));
    const writer = new ZoneWriter(
      { zone, zoneId, aliases: [] },
      { ...ports, nameServers, route53: account.connect(`host-${index}`, ports) },
    );
    const { leftBehind } = await whilePublished(
      {
        certificate: parseCertificateName(`host-${index}`),
        records: [{ name, value }],
        dnsTimeoutMs: 600_000,
      },
      { ...ports, nameServers, writer, journal: new FakeJournalStore() },
      signal,
      async () => {
        await clock.sleep(1_000 + 2_000 * own.number(), signal);
      },
    );
    const [left] = await leftBehind;
    if (left !== undefined) throw left;
  });
  const thirdParty = async (): Promise<void> => {
    if (!options.thirdParty) return;
    await clock.sleep(20_000, new AbortController().signal);
    addThere(zones);
  };
  const [, ended] = await clock.run(Promise.all([thirdParty(), Promise.allSettled(hosts)]));
  return {
    answers: account.answers,
    seconds: (clock.now().getTime() - begun) / 1000,
    failures: ended.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : [])),
    before,
    after: zones.snapshot(zoneId),
    logs,
  };
}

/** Reads and writes at one instant. */
function addThere(zones: ZoneStore): void {
  const there = zones.records(zoneId).find((set) => set.name === `${name}.` && set.type === 'TXT');
  if (there === undefined) throw new Error('the foreign value is gone');
  const values = [...there.values, laterValue];
  zones.edit(zoneId, [
    { action: 'DELETE', recordSet: there },
    { action: 'CREATE', recordSet: { ...there, values } },
  ]);
}

export interface NightFigures {
  /** Of each host, throttled ones too. */
  readonly requests: readonly number[];
  /** Of all answers, from 0 to 1. */
  readonly throttledShare: number;
  readonly seconds: number;
}

export function nightFigures({ answers, seconds }: Night): NightFigures {
  const byHost = new Map<string, number>();
  for (const { host } of answers) byHost.set(host, (byHost.get(host) ?? 0) + 1);
  const throttled = answers.filter(({ code }) => code === 'Throttling').length;
  return { requests: [...byHost.values()], throttledShare: throttled / answers.length, seconds };
}
