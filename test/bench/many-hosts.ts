/** Hosts that issue one wildcard at once: their time is the throttle's and INSYNC's, their requests are ours. */
import { type HostsAtOnce, issueAtOnce, listing } from '../support/hosts-at-once.ts';
import { startWorld } from '../world/world.ts';
import { type Row, verdict } from './table.ts';

const perSecond = 5;
const inSyncMs = 7_000;
/** CREATE, which finds the set of others, list, swap, GetChange, list, swap: nobody who shares a name gets by with fewer. */
const leastRequests = 6;
const mostRequests = 14;
const mostThrottled = 0.25;

/** In a world of its own: the others know no rate limit. */
export async function benchManyHosts(hosts: number): Promise<Row> {
  const world = await startWorld({
    pendingMs: inSyncMs,
    route53: { rateLimit: { perSecond, burst: perSecond } },
  });
  try {
    world.setPolicy(listing(world));
    return rowOf(hosts, await issueAtOnce(world, 'lan.example', hosts));
  } finally {
    await world.stop();
  }
}

function rowOf(hosts: number, { results, requests, throttledShare, seconds }: HostsAtOnce): Row {
  const failed = results.find(({ code }) => code !== 0);
  if (failed !== undefined) throw new Error(failed.stderr);
  const [least, median, most = 0] = [requests[0], requests[Math.floor(hosts / 2)], requests.at(-1)];
  const forced = (hosts * leastRequests) / perSecond;
  const mostSeconds = 3 * ((hosts * 7) / perSecond + inSyncMs / 1000);
  return [
    String(hosts),
    `${seconds.toFixed(0)} s`,
    `${forced.toFixed(0)} s`,
    `${least}, ${median}, ${most}`,
    `${Math.round(throttledShare * 100)} %`,
    verdict(
      `${mostSeconds.toFixed(0)} s, ${mostRequests}, ${mostThrottled * 100} %`,
      seconds <= mostSeconds && most <= mostRequests && throttledShare <= mostThrottled,
    ),
  ];
}
