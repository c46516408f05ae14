/**
 * `issue` is struck at each of its calls in turn: aborted by a signal, failed, killed; before the call has its effect or
 * after it. Whatever the call was, what is promised holds afterwards, and the next run makes everything good. The short
 * form strikes at each seventeenth of the calls.
 */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CertificateName, type Domain, parseDnsName } from '../../src/core/names.ts';
import { type ErrorCode, LanacmeError, SeveralErrors } from '../../src/errors.ts';
import type { IssueOutcome } from '../../src/flows/issue-request.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { dayMs } from '../fakes/acme-server.ts';
import { CountedPorts, type PortFault } from '../fakes/port-faults.ts';
import { accessDenied } from '../fakes/route53.ts';
import { longTestMs, sampled } from '../support/long-form.ts';
import { memoryFolder, withTempFolder } from '../support/temp-folder.ts';
import { diffSnapshots } from '../world/zone-store.ts';
import { IssueWorld, name, type RequestOverrides, zone, zoneId } from './issue-world.ts';

const domains = ['lan.example', 'a.b.lan.example'] as readonly string[] as readonly Domain[];
const wanted = {
  spec: { domains },
  deployHooks: ['reload nginx', 'reload postfix'],
  // Without its id: the look-up is one more call.
  zone: { zone, aliases: [] },
  skipPreflight: true,
} satisfies RequestOverrides;

interface Scenario {
  readonly what: string;
  /** Once is enough: the looks before an order are the same every time. */
  readonly withPreflight?: true;
  readonly arrange?: (world: IssueWorld) => Promise<void> | void;
  /** What the run fails with if nothing strikes. */
  readonly failure?: {
    readonly code: ErrorCode;
    /** From this call on, the n-th of its kind, it is sure to fail so. */
    readonly from: readonly [call: string, nth: number];
    /** Takes the trouble away. */
    readonly mend: (world: IssueWorld) => void;
  };
}

const scenarios: readonly Scenario[] = [
  { what: 'the first certificate', withPreflight: true },
  {
    what: 'a renewal after a run that was killed',
    arrange: async (world) => {
      await world.issue(wanted);
      world.clock.move(61 * dayMs);
      await leaveBehind(world);
    },
  },
  {
    what: 'a good certificate with a hook that is owed and challenges that were left',
    arrange: async (world) => {
      world.hooks.failing.set('reload nginx', new LanacmeError('hook.failed', 'no', { hint: 'x' }));
      await world.issue(wanted);
      world.hooks.failing.clear();
      await leaveBehind(world);
    },
  },
  {
    what: 'an account that the CA has lost, and no right to ask for INSYNC',
    arrange: async (world) => {
      await world.issue({ name: 'other' as CertificateName, spec: { domains: ['c.lan.example' as Domain] } });
      world.ca.accounts.forget();
      world.route53.before = (call) => {
        if (call === 'isInSync') throw accessDenied('GetChange');
      };
    },
  },
  {
    what: 'a name that the CA refuses to validate',
    arrange: ({ ca: { authorizations } }) => {
      const look = authorizations.validate;
      authorizations.validate = (domain, value, at) =>
        domain === 'a.b.lan.example' ? acmeProblem('caa', 'CAA forbids it') : look(domain, value, at);
    },
    failure: {
      code: 'acme.caa',
      // Read once to be answered, and once more for the CA's words.
      from: ['acme.authorization', 2 * domains.length],
      mend: ({ ca: { authorizations } }) => {
        authorizations.validate = () => undefined;
      },
    },
  },
  {
    what: 'a zone that may not be written',
    arrange: (world) => {
      world.route53.before = (call) => {
        if (call === 'change') throw accessDenied('ChangeResourceRecordSets');
      };
    },
    failure: {
      code: 'route53.access-denied',
      from: ['route53.change', 1],
      mend: (world) => {
        world.route53.before = () => undefined;
      },
    },
  },
];

/** A value of a run that was killed, in the zone and in the journal. */
async function leaveBehind(world: IssueWorld): Promise<void> {
  const at = parseDnsName('_acme-challenge.a.b.lan.example');
  const value = '"0123456789012345678901234567890123456789abc"';
  await world.journal.save({
    format: 1,
    id: 'left-behind',
    certificate: name,
    zone,
    zoneId,
    createdAt: '2026-11-22T12:00:00Z',
    records: [{ name: at, value }],
    changeIds: [],
  });
  world.zones.edit(zoneId, [
    { action: 'CREATE', recordSet: { name: at, type: 'TXT', ttl: 10, values: [value] } },
  ]);
}

type Kind = 'abort' | 'error' | 'kill';
type Fault = Omit<PortFault, 'strike'> & { readonly kind: Kind };

type Ending =
  | { readonly kind: 'done'; readonly outcome: IssueOutcome }
  | { readonly kind: 'failed'; readonly errors: readonly unknown[] }
  | { readonly kind: 'killed' };

/** A run of the scenario that was struck, and all that can be asked about it afterwards. */
interface Struck {
  readonly scenario: Scenario;
  readonly fault: Fault;
  readonly world: IssueWorld;
  /** The zone before the first run. */
  readonly untouched: string;
  readonly before: string | undefined;
  readonly calls: readonly string[];
  /** What the call failed with, or the reason of the signal; absent if nothing struck. */
  readonly error: Error | undefined;
  readonly ending: Ending;
}

async function strike(scenario: Scenario, fault: Fault, world: IssueWorld): Promise<Struck> {
  // One poll each: the second would only be struck like the first.
  world.zones.delayMs = 1_000;
  world.ca.authorizations.validationMs = 500;
  world.ca.issuanceMs = 500;
  world.zones.edit(zoneId, [
    {
      action: 'CREATE',
      recordSet: { name: '_acme-challenge.lan.example', type: 'TXT', ttl: 300, values: ['"theirs"'] },
    },
  ]);
  const untouched = world.zones.snapshot(zoneId);
  await scenario.arrange?.(world);
  const before = (await world.certificates.live(name))?.version;
  const controller = new AbortController();
  let error: Error | undefined;
  const { ports, calls, death } = new CountedPorts(world.ports(), {
    ...fault,
    strike: (call) => {
      if (fault.kind === 'kill') return 'die';
      error = failureOf(call, fault.kind);
      if (fault.kind === 'error') throw error;
      controller.abort(error);
      return undefined;
    },
  });
  const request = { ...wanted, skipPreflight: scenario.withPreflight !== true };
  const run = endingOf(world.issue(request, { signal: controller.signal, ports }));
  const ending = await Promise.race([run, death.then((): Ending => ({ kind: 'killed' }))]);
  if (ending.kind === 'killed') world.lock.isHeld = false;
  return { scenario, fault, world, untouched, before, calls, error, ending };
}

function failureOf(call: string, kind: 'abort' | 'error'): Error {
  const facts = { hint: 'x' };
  if (kind === 'abort') return new LanacmeError('run.interrupted', 'SIGTERM', facts);
  const [port = '', method] = call.split('.');
  // A module that cannot be loaded, a bug: nothing that flows know.
  if (method === undefined || port === 'keys' || port === 'hooks') return new TypeError(`bug in ${call}`);
  const codes: Readonly<Record<string, ErrorCode>> = {
    acme: 'acme.unreachable',
    route53: 'route53.unreachable',
    nameServers: 'dns.unreachable',
    lock: 'state.lock-failed',
  };
  return new LanacmeError(codes[port] ?? 'state.unwritable', `${call} failed`, facts);
}

async function endingOf(run: Promise<IssueOutcome>): Promise<Ending> {
  try {
    return { kind: 'done', outcome: await run };
  } catch (error) {
    return { kind: 'failed', errors: error instanceof SeveralErrors ? error.errors : [error] };
  }
}

/** What went wrong first is told first. */
function wrongFailure(struck: Struck): readonly string[] {
  const { ending, scenario } = struck;
  if (!hadFailed(struck)) return [];
  const isFirst = ending.kind === 'failed' && hasCode(ending.errors[0], scenario.failure?.code);
  return isFirst ? [] : [`${scenario.failure?.code ?? ''} is not told first: ${shown(struck)}`];
}

/** Nothing is swallowed. */
function wrongTelling(struck: Struck): readonly string[] {
  const { ending, error, fault, scenario, world } = struck;
  if (error === undefined) return [];
  if (world.log.lines.some((line) => line.startsWith('warn: ') && line.includes(error.message))) return [];
  const errors = errorsOf(ending);
  // What only explains a failure is told with it.
  const details = errors.flatMap((one) => (one instanceof LanacmeError ? one.details : []));
  if (details.some((line) => line.includes(error.message))) return [];
  if (!errors.some((one) => tells(one, error))) {
    // A signal in the last calls, or while all is cleaned up after a failure, changes nothing.
    const changesNothing = fault.kind === 'abort' && (ending.kind === 'done' || hadFailed(struck));
    return changesNothing ? [] : [`it was swallowed: ${shown(struck)}`];
  }
  // What went wrong beside the certificate comes after what kept it from being issued.
  const isInPlace =
    ending.kind === 'done' || tells(errors[0], error) || hasCode(errors[0], scenario.failure?.code);
  return isInPlace ? [] : [`it is not told first: ${shown(struck)}`];
}

/** Whether the run was sure to fail, struck or not, when it was struck. */
function hadFailed({ scenario: { failure }, fault, calls }: Struck): boolean {
  return failure !== undefined && fault.at > indexOfNth(calls, ...failure.from);
}

function errorsOf(ending: Ending): readonly unknown[] {
  if (ending.kind === 'done') return ending.outcome.errors;
  return ending.kind === 'failed' ? ending.errors : [];
}

function shown({ ending }: Struck): string {
  return errorsOf(ending).map(messageOf).join(' | ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no error';
}

function hasCode(error: unknown, code: ErrorCode | undefined): boolean {
  return error instanceof LanacmeError && error.code === code;
}

/** Of the n-th such call, from 1. */
function indexOfNth(calls: readonly string[], call: string, nth: number): number {
  const index = [...calls.keys()].filter((at) => calls[at] === call)[nth - 1];
  return index === undefined ? Infinity : index + 1;
}

function tells(error: unknown, struck: Error): boolean {
  if (error === struck) return true;
  if (error instanceof SeveralErrors) return error.errors.some((one) => tells(one, struck));
  return error instanceof Error && error.cause !== undefined && tells(error.cause, struck);
}

/** The zone is as it was, or the journal still names every value that is left. */
async function wrongZone({ world, untouched }: Struck): Promise<readonly string[]> {
  const journalled = (await world.journal.entries()).flatMap(({ records }) => records);
  const isJournalled = (line: string): boolean =>
    journalled.some(({ name: at, value }) => line.startsWith(`+ ${at}. `) && line.endsWith(` ${value}`));
  return diffSnapshots(untouched, world.zones.snapshot(zoneId)).filter((line) => !isJournalled(line));
}

/** No authorization is pending, as far as anybody could do something about it. */
function wrongAuthorizations({ world, fault, calls, ending }: Struck): readonly string[] {
  if (ending.kind === 'killed') return [];
  const call = calls[fault.at - 1] ?? '';
  // Nobody knows the order's URL: the next run gets the same order.
  if (call === 'acme.newOrder' && fault.when === 'after') return [];
  const pending = world.ca.authorizations.pending();
  return pending.length > mostPending(world, fault.kind)
    ? [`authorizations are pending for ${pending.join(', ')}`]
    : [];
}

/** One whose deactivation was what failed. */
function mostPending({ log }: IssueWorld, kind: Kind): number {
  return kind === 'error' && log.lines.some((line) => line.includes('could not be deactivated')) ? 1 : 0;
}

/** What is in use is whole, every version is, and none is half-made. */
async function wrongFiles({ world, before }: Struck): Promise<readonly string[]> {
  const live = await world.certificates.live(name);
  const archive = join(world.stateDir, 'archive', name);
  const versions = existsSync(archive) ? await readdir(archive) : [];
  const files = await Promise.all(versions.map(async (version) => await readdir(join(archive, version))));
  const isWhole = files.every(
    (four) => four.sort().join() === 'cert.pem,chain.pem,fullchain.pem,privkey.pem',
  );
  return [
    ...(before !== undefined && live === undefined ? ['the certificate in use is gone'] : []),
    ...(isWhole ? [] : [`a version is half-made: ${versions.join(', ')}`]),
  ];
}

/** The next run, which nothing strikes, makes everything good. */
async function wrongAfterNextRun(struck: Struck): Promise<readonly string[]> {
  const { world, untouched, scenario, fault, before } = struck;
  scenario.failure?.mend(world);
  const isInstalled = (await world.certificates.live(name))?.version !== before;
  const ending = await endingOf(world.issue(wanted));
  const live = await world.certificates.live(name);
  const told = world.hooks.runs.filter(
    ({ environment }) => environment['LANACME_HOOK_VERSION'] === live?.version,
  );
  const forgotten = wanted.deployHooks.filter((hook) => !told.some(({ command }) => command === hook));
  const pending = world.ca.authorizations.pending();
  const wrong = [
    ...errorsOf(ending).map(messageOf),
    ...diffSnapshots(untouched, world.zones.snapshot(zoneId)),
    ...(await world.journal.entries()).map(({ id }) => `the journal holds ${id}`),
    ...(pending.length > mostPending(world, fault.kind) ? [`${pending.join(', ')} pending`] : []),
    ...(live === undefined ? ['there is no certificate'] : []),
    ...(isInstalled && ending.kind === 'done' && ending.outcome.issued ? ['it was ordered twice'] : []),
    ...forgotten.map((hook) => `"${hook}" never loaded version ${live?.version ?? 'none'}`),
    ...(world.ca.accounts.urls().length > 1 ? ['there is more than one account'] : []),
  ];
  return wrong.map((sentence) => `after the next run: ${sentence}`);
}

/** The calls of a run of the scenario with this fault, and what is wrong after it. */
async function examine(
  scenario: Scenario,
  fault: Fault,
): Promise<{ readonly calls: readonly string[]; readonly wrong: readonly string[] }> {
  return await withTempFolder(
    async (folder) => {
      const struck = await strike(scenario, fault, new IssueWorld(folder));
      const { calls, world } = struck;
      const wrong = [
        ...(struck.ending.kind === 'killed' ? [] : [...wrongFailure(struck), ...wrongTelling(struck)]),
        ...(await wrongZone(struck)),
        ...wrongAuthorizations(struck),
        ...(await wrongFiles(struck)),
        ...(world.lock.isHeld ? ['the lock is held'] : []),
        ...(await wrongAfterNextRun(struck)),
      ];
      const where = `${fault.kind} ${fault.when} call ${fault.at}, ${calls[fault.at - 1] ?? 'none'}`;
      return { calls, wrong: wrong.map((sentence) => `${where}: ${sentence}`) };
    },
    'struck',
    memoryFolder(),
  );
}

/** Elsewhere it is the same whether a call is struck after it or the next one before. */
const hasEffect =
  /^(route53\.change|journal\.(save|remove)|certificates\.(saveRecord|install)|accounts\.save.*|acme\.(createAccount|newOrder|answerChallenge|deactivateAuthorization|finalize)|hooks\.run|lock\.release)$/;

function isWorthStriking(call: string, { kind, when }: Pick<Fault, 'kind' | 'when'>): boolean {
  if (when === 'after') return hasEffect.test(call);
  // Sleep does not fail, and an open file is closed whatever happens.
  return kind !== 'error' || !['clock.sleep', 'lock.release'].includes(call);
}

const faults = [
  ['abort', 'before'],
  ['abort', 'after'],
  ['error', 'before'],
  ['error', 'after'],
  ['kill', 'after'],
] as const;

describe.each(scenarios)('$what', (scenario) => {
  it.each(faults)(
    'survives %s %s each call',
    async (kind, when) => {
      const { calls, wrong } = await examine(scenario, { kind, when, at: Infinity });
      expect(wrong).toEqual([]);
      const found: string[] = [];
      const worth = [...calls.keys()].filter((index) => isWorthStriking(calls[index] ?? '', { kind, when }));
      // Others in each scenario and for each fault.
      const seed = scenarios.indexOf(scenario) + faults.findIndex(([one, at]) => one === kind && at === when);
      for (const number of sampled(worth.length, 17, seed)) {
        const at = (worth[number - 1] ?? 0) + 1;
        found.push(...(await examine(scenario, { kind, when, at })).wrong);
      }
      expect(found).toEqual([]);
    },
    longTestMs,
  );
});
