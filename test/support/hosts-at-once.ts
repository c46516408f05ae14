/** Many hosts that issue one wildcard at once, each a process of the built program with a state folder of its own. */
import type { PolicyDocument, PolicyStatement } from '../world/iam-policy.ts';
import type { RequestRecord } from '../world/route53-server.ts';
import type { World } from '../world/world.ts';
import { policyFor } from '../world/world-policies.ts';
import { type LanacmeResult, startLanacme } from './run-lanacme.ts';

/** In two strings, with quotes: what nobody may lose or write differently. */
const foreign = String.raw`"somebody else's \"quoted\" text" "in two strings"`;
const laterValue = `"${'t'.repeat(43)}"`;
const ttl = 300;

export interface HostsAtOnce {
  readonly results: readonly LanacmeResult[];
  /** Requests to Route 53 of each host, those that were throttled too, fewest first. */
  readonly requests: readonly number[];
  /** Of all answers of Route 53, from 0 to 1. */
  readonly throttledShare: number;
  /** From the first start of a process to the last end, clean-up included. */
  readonly seconds: number;
  /** The zone with what the third party has written and nothing else. */
  readonly expected: string;
}

/** The least rights for any challenge of the zone, and the right to list, without which the night is longer. */
export function listing(world: World): PolicyDocument {
  const { Statement, ...policy } = policyFor('challenges of the zone', {
    name: 'lan.example',
    id: world.zone.id,
  });
  const list: PolicyStatement = {
    Effect: 'Allow',
    Action: 'route53:ListResourceRecordSets',
    Resource: `arn:aws:route53:::hostedzone/${world.zone.id}`,
  };
  return { ...policy, Statement: [...[Statement].flat(), list] };
}

/**
 * The hosts issue `*.DOMAIN`. A third party has a value at its challenge name before, with another TTL, and adds one in
 * the middle.
 */
export async function issueAtOnce(world: World, domain: string, count: number): Promise<HostsAtOnce> {
  const name = `_acme-challenge.${domain}`;
  const hosts = [];
  for (let index = 0; index < count; index += 1) {
    hosts.push(await world.addHost({ thingName: `${domain.replaceAll('.', '-')}-${index}` }));
  }
  world.store.edit(world.zone.id, [
    { action: 'CREATE', recordSet: { name, type: 'TXT', ttl, values: [foreign] } },
  ]);
  const before = world.snapshot();
  const stop = addInTheMiddle(world, name, count);
  await world.forgetRequests();
  const begun = performance.now();
  const results = await Promise.all(
    hosts.map(
      async (host) =>
        await startLanacme(['issue', '--domain', `*.${domain}`], {
          env: host.environment(),
          limitMs: 900_000,
        }).ended,
    ),
  );
  const seconds = (performance.now() - begun) / 1000;
  stop();
  const line = `${name}. ${ttl} TXT `;
  const expected = before.replace(`${line}${foreign}\n`, (there) => `${there}${line}${laterValue}\n`);
  return { results, seconds, expected, ...figuresOf(world.route53.requests) };
}

/** Once as many changes were taken as there are hosts, which is in the middle of it. */
function addInTheMiddle(world: World, name: string, count: number): () => void {
  let changes = 0;
  const stop = world.store.onChange(() => {
    changes += 1;
    if (changes !== count) return;
    stop();
    // The store is in the middle of the change that it tells of.
    setImmediate(() => {
      addValue(world, name);
    });
  });
  return stop;
}

function addValue({ store, zone }: World, name: string): void {
  const there = store.records(zone.id).find((set) => set.name === `${name}.` && set.type === 'TXT');
  if (there === undefined) throw new Error('the value of the third party is gone');
  const values = there.values.flatMap((value) => (value === foreign ? [value, laterValue] : [value]));
  store.edit(zone.id, [
    { action: 'DELETE', recordSet: there },
    { action: 'CREATE', recordSet: { ...there, values } },
  ]);
}

function figuresOf(answers: readonly RequestRecord[]): Pick<HostsAtOnce, 'requests' | 'throttledShare'> {
  const byHost = new Map<string, number>();
  for (const { caller = '' } of answers) byHost.set(caller, (byHost.get(caller) ?? 0) + 1);
  const throttled = answers.filter(({ code }) => code === 'Throttling').length;
  return {
    requests: [...byHost.values()].toSorted((a, b) => a - b),
    throttledShare: throttled / answers.length,
  };
}

/** `requests to Route 53 a host 6, 8, 12 (least, median, most), 14 % throttled, 61 s` */
export function inWords({ requests, throttledShare, seconds }: HostsAtOnce): string {
  const [least, median, most] = [requests[0], requests[Math.floor(requests.length / 2)], requests.at(-1)];
  return `requests to Route 53 a host ${least}, ${median}, ${most} (least, median, most), ${Math.round(throttledShare * 100)} % throttled, ${seconds.toFixed(0)} s`;
}
