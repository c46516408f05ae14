/** Whole issues: their time is INSYNC's and the CA's, their requests are ours. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runLanacme } from '../support/run-lanacme.ts';
import type { Counts, World } from '../world/world.ts';
import { peakMemoryFlags } from './measure.ts';
import { type Row, verdict } from './table.ts';

/** Besides GetChange. */
const mostRoute53 = 4;
/** Besides polls of the order, and the nonces of requests in flight at once. */
const mostAcme = (names: number): number => 2 * names + 8;
const mostInFlight = 8;

/** The account is known, no name is authorised, a change takes `inSyncMs`. */
export async function benchIssue(world: World, names: number, inSyncMs: number): Promise<Row> {
  const peakFile = join(world.folder, 'peak');
  const domains = Array.from({ length: names }, (_, index) => `n${index}-of-${names}.lan.example`);
  const label = `bench-${names}-${inSyncMs}`;
  // A change waits for those before it, such as the clean-up of the last run.
  world.store.syncAll();
  world.store.delayMs = inSyncMs;
  await world.forgetRequests();
  const started = performance.now();
  const { code, stderr } = await runLanacme(['issue', '--name', label, '--domain', domains.join(',')], {
    env: { ...world.host.environment(), PEAK_MEMORY_FILE: peakFile },
    nodeArgs: peakMemoryFlags,
  });
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`issue with ${names} names ended with ${String(code)}:\n${stderr}`);
  const megabytes = Number(await readFile(peakFile, 'utf8')) / 1024;
  const requests = countRequests(await world.counts());
  return [
    String(names),
    `${inSyncMs / 1000} s`,
    `${seconds.toFixed(1)} s`,
    `${megabytes.toFixed(0)} MB`,
    `${requests.route53} + ${requests.getChange}`,
    `${requests.acme} + ${requests.orderPolls} + ${requests.furtherNonces}`,
    verdict(
      `${mostRoute53} and ${mostAcme(names)}`,
      requests.route53 <= mostRoute53 &&
        requests.acme <= mostAcme(names) &&
        requests.furtherNonces < mostInFlight,
    ),
  ];
}

interface Requests {
  readonly route53: number;
  readonly getChange: number;
  readonly acme: number;
  readonly orderPolls: number;
  /** newNonce after the first. */
  readonly furtherNonces: number;
}

function countRequests({ route53, acme }: Counts): Requests {
  const { GetChange: getChange = 0, ...changes } = route53;
  const { order: orderPolls = 0, newNonce = 0, ...others } = acme;
  const firstNonce = Math.min(newNonce, 1);
  return {
    route53: sum(Object.values(changes)),
    getChange,
    acme: sum(Object.values(others)) + firstNonce,
    orderPolls,
    furtherNonces: newNonce - firstNonce,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
