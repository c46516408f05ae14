/**
 * `npm run bench`: what lanacme costs on this machine, beside a bare `node -e 0`, and whether that is within the
 * budgets. `npm run bench -- --quick` is a short form. Not a test: no machine fails for being slow or busy.
 */
import { availableParallelism, loadavg } from 'node:os';
import { runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import { benchIssue } from './issues.ts';
import { benchManyHosts } from './many-hosts.ts';
import { benchStartUp } from './start-up.ts';
import { type Row, table } from './table.ts';

const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 7 : 31;
const namesOfIssues = isQuick ? [1, 20] : [1, 20, 100];
const inSyncOfIssues = isQuick ? [0] : [0, 5_000];

const world = await startWorld({ pendingMs: 0, route53: { rateLimit: 'none' } });
try {
  await bench(world);
} finally {
  await world.stop();
}
console.log(
  '\nHosts that issue one wildcard at once, INSYNC after 7 s, 5 Route 53 requests a second for all: their time,',
);
console.log(
  'what the throttle alone forces, requests of a host (least, median, most), answers that were Throttling',
);
console.log(
  table(
    ['hosts', 'time', 'forced', 'Route 53', 'throttled', 'budget'],
    [await benchManyHosts(isQuick ? 4 : 20)],
  ),
);

async function bench(world: World): Promise<void> {
  const name = 'nas.lan.example';
  const first = await runLanacme(['issue', '--domain', name], { env: world.host.environment() });
  if (first.code !== 0) throw new Error(first.stderr);
  const load = loadavg()[0]?.toFixed(1) ?? '';
  console.log(`Node ${process.versions.node}, ${availableParallelism()} cores, load ${load}\n`);

  console.log(`Start-up: the median of ${rounds} runs in turn, and the shortest`);
  console.log(
    table(
      ['', 'time', 'against node', 'at best', 'peak memory', 'budget'],
      await benchStartUp(world.host, name, rounds),
    ),
  );

  console.log('\nWhole issues, the account known: requests to Route 53 + GetChange,');
  console.log('to the CA + polls of the order + nonces for requests in flight at once');
  const rows: Row[] = [];
  for (const names of namesOfIssues) {
    for (const inSyncMs of inSyncOfIssues) rows.push(await benchIssue(world, names, inSyncMs));
  }
  console.log(table(['names', 'INSYNC after', 'time', 'peak memory', 'Route 53', 'CA', 'budget'], rows));
}
