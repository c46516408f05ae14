/** One fault: what is done to the world, and how lanacme must take it. The table is made of these. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { cp, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { ErrorCode } from '../../../src/errors.ts';
import { type FastTime, fastTime } from '../../support/fast-time.ts';
import { type LanacmeResult, runLanacme } from '../../support/run-lanacme.ts';
import type { AcmeFaultProxy } from '../../world/acme-fault-proxy.ts';
import type { World } from '../../world/world.ts';
import type { Host } from '../../world/world-host.ts';
import { diffSnapshots } from '../../world/zone-store.ts';
import { countRequests, type RequestCounts } from './count-requests.ts';
import { certificateName, domains, type Lane } from './lane.ts';
import { pendingAuthorizations } from './pending-authorizations.ts';

/** Changes to what lanacme is told; `undefined` takes a variable away. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a fault is done to. */
export interface Scene {
  readonly world: World;
  /** Between lanacme and Pebble. */
  readonly ca: AcmeFaultProxy;
  /** Of this row alone. */
  readonly host: Host;
}

export interface FaultRow {
  /** As the table tells it; every row's own. */
  readonly fault: string;
  /** What the host has: a certificate and an account (the default), or nothing yet. */
  readonly before?: 'certificate' | 'nothing';
  /** Does it, and may change what lanacme is told. */
  readonly arrange: (scene: Scene) => Variables | undefined | Promise<Variables | undefined>;
  /** Ends what would still be wrong with the host when it is looked at what was left. */
  readonly mend?: (scene: Scene) => Promise<void>;
  /** Default: a sleep takes a twentieth of its time. */
  readonly time?: FastTime;
  /** In the order told; empty if the run succeeds all the same. */
  readonly codes: readonly ErrorCode[];
  readonly exit: 0 | 1 | 2 | 75;
  /** Part of the message, of a detail line or of a time to come back: whatever this fault is known by. */
  readonly says?: string | RegExp;
  /** Those that the row is about, exactly. */
  readonly requests?: RequestCounts;
  /** Whose number depends on chance or on the machine, besides polls: the table says `some`. */
  readonly uncounted?: readonly string[];
  /** What cannot but stay behind; checked to be just this. Default: nothing. */
  readonly leftovers?: readonly Leftover[];
  /** Of the certificate, afterwards. Default: new after success, else as it was before. */
  readonly pair?: FaultOutcome['pair'];
}

/** The run succeeds all the same. */
export const survived = { codes: [], exit: 0 } as const;

/** `challenges until the next run`: in the zone, but journalled, and removed by the next run. */
export type Leftover =
  | 'challenges until the next run'
  | 'a journal entry until the next run'
  | 'an order whose answer was lost';

export interface FaultOutcome {
  readonly errors: readonly ToldError[];
  readonly exit: number | null;
  readonly requests: RequestCounts;
  readonly leftovers: readonly string[];
  /** What became of the certificate that was there: it must be in place, whole, whatever happened. */
  readonly pair: 'new' | 'unchanged' | 'none' | 'broken';
  /** Rules of the CA's script whose turn never came. */
  readonly unused: readonly unknown[];
  readonly result: LanacmeResult;
  readonly host: Host;
}

/** An error as `--json` tells it. */
export interface ToldError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  readonly details?: readonly string[];
  readonly retryAt?: string;
}

/** Runs the built program once in a world with this fault, then looks at all that it may have left. */
export async function runFault(row: FaultRow, lane: Lane): Promise<FaultOutcome> {
  const { world, ca } = lane;
  const host = await lane.newHost();
  if (row.before !== 'nothing') await copyState(lane.stateWithCertificate, host.stateDir);
  const pairBefore = await readPair(host.stateDir);
  const changes = (await row.arrange({ world, ca, host })) ?? {};
  const zoneBefore = world.snapshot();
  const { nodeArgs, env } = fastTime(row.time ?? { skips: 20 });
  const args = ['issue', ...domains.map((domain) => `--domain=${domain}`), '--force', '--json'];
  const result = await runLanacme(args, { nodeArgs, env: { ...host.environment(changes), ...env } });

  const requests = countRequests(lane);
  const unused = ca.faults.unused();
  lane.mend();
  await row.mend?.({ world, ca, host });
  const leftovers = [
    ...(await challengesLeft(zoneBefore, lane, host, changes)),
    ...(await pendingAuthorizations(lane, host.stateDir)),
  ];
  const pair = compare(pairBefore, await readPair(host.stateDir));
  lane.forget();
  return { errors: errorsOf(result), exit: result.code, requests, leftovers, pair, unused, result, host };
}

function errorsOf({ stdout, stderr, code, signal }: LanacmeResult): readonly ToldError[] {
  try {
    return (JSON.parse(stdout) as { readonly errors: readonly ToldError[] }).errors;
  } catch (error) {
    throw new Error(`lanacme (${code ?? signal ?? ''}) printed no JSON: ${stdout}\n${stderr}`, {
      cause: error,
    });
  }
}

async function copyState(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, verbatimSymlinks: true });
}

/**
 * What is in the zone or in the journal that was not there before. Challenges that the journal remembers are no loss:
 * the next run is made here, without the fault, and has to remove them.
 */
async function challengesLeft(
  zoneBefore: string,
  { world }: Lane,
  host: Host,
  changes: Variables,
): Promise<readonly string[]> {
  const left = diffSnapshots(zoneBefore, world.snapshot());
  const journal = await readdir(join(host.stateDir, 'journal')).catch(() => []);
  if (left.length === 0 && journal.length === 0) return [];
  const next = await runLanacme(['cleanup'], { env: host.environment(repaired(changes)) });
  const stays = diffSnapshots(zoneBefore, world.snapshot());
  if (next.code !== 0 || stays.length > 0) return ['challenges for ever', ...stays, next.stderr];
  return left.length === 0 ? ['a journal entry until the next run'] : ['challenges until the next run'];
}

/** The set-up without the fault. */
function repaired(changes: Variables): Variables {
  return changes['LANACME_STATE_DIR'] === undefined
    ? {}
    : { LANACME_STATE_DIR: changes['LANACME_STATE_DIR'] };
}

interface Pair {
  readonly version: string;
  readonly cert: string;
  readonly key: string;
}

async function readPair(stateDir: string): Promise<Pair | undefined> {
  const live = join(stateDir, 'live', certificateName);
  const version = await readlink(live).catch(() => undefined);
  if (version === undefined) return undefined;
  const [cert, key] = await Promise.all(
    ['cert.pem', 'privkey.pem'].map(async (file) => await readFile(join(live, file), 'utf8')),
  );
  return { version, cert: cert ?? '', key: key ?? '' };
}

function compare(before: Pair | undefined, after: Pair | undefined): FaultOutcome['pair'] {
  if (after === undefined) return before === undefined ? 'none' : 'broken';
  if (!new X509Certificate(after.cert).checkPrivateKey(createPrivateKey(after.key))) return 'broken';
  if (after.version === before?.version) {
    return after.cert === before.cert && after.key === before.key ? 'unchanged' : 'broken';
  }
  return 'new';
}
