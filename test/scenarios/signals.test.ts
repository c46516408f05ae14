/**
 * SIGINT, SIGTERM and SIGHUP at every stage of a run: what was published is taken out, what is pending at the CA is
 * given up, and the run dies by that signal. A second signal ends it at once; the journal then knows what is left. The
 * short form interrupts at every other stage.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { heldBack } from '../support/held-back.ts';
import { sampled } from '../support/long-form.ts';
import { type RunningLanacme, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { type DnsServer, startDns } from '../world/dns-server.ts';
import type { Host } from '../world/world-host.ts';
import { domains, type Lane, startLane } from './faults/lane.ts';
import { pendingAuthorizations } from './faults/pending-authorizations.ts';

/** No more than this, whatever the run was waiting for. */
const mostMs = 20_000;

let lane: Lane;
let host: Host;
let before: string;
/** The zone's other name server: what befalls the one that the CA asks does not befall it. */
let otherDns: DnsServer;
let atTheEnd: (() => Promise<void>)[];

beforeAll(async () => {
  lane = await startLane();
  otherDns = await startDns({ store: lane.world.store });
});
afterAll(async () => {
  await otherDns.close();
  await lane.stop();
});
beforeEach(async () => {
  host = await lane.newHost();
  before = lane.world.snapshot();
  atTheEnd = [];
});
afterEach(async () => {
  for (const undo of atTheEnd) await undo();
  lane.world.dns.faults.isSilent = false;
  lane.mend();
  lane.forget();
});

const issue = ['issue', ...domains.map((domain) => `--domain=${domain}`)];

function start(args: readonly string[], time = fastTime({ skips: 5 })): RunningLanacme {
  const env = host.environment({ LANACME_NAME_SERVERS: otherDns.address });
  return startLanacme(args, { env: { ...env, ...time.env }, nodeArgs: time.nodeArgs, limitMs: 60_000 });
}

/** Sends the signal; the outcome, unless that takes too long. */
async function interrupt(run: RunningLanacme, signal: NodeJS.Signals): Promise<string> {
  const limit = AbortSignal.timeout(mostMs);
  run.kill(signal);
  const tooLong = once(limit, 'abort').then(() => {
    throw new Error(`still there ${mostMs / 1000} s after ${signal}`);
  });
  const result = await Promise.race([run.ended, tooLong]);
  expect(result).toMatchObject({ code: null, signal, stdout: '' });
  return result.stderr;
}

async function until(isSo: () => boolean): Promise<void> {
  await vi.waitFor(
    () => {
      if (!isSo()) throw new Error('it did not come to that');
    },
    { timeout: 30_000, interval: 10 },
  );
}

const asked = (resource: string): number =>
  lane.ca.requests.filter((request) => request.resource === resource).length;
const changesAsked = (): number =>
  lane.world.route53.requests.filter(({ operation }) => operation === 'ChangeResourceRecordSets').length;

async function journal(): Promise<readonly string[]> {
  return await readdir(join(host.stateDir, 'journal')).catch(() => []);
}

async function leavesNothing(): Promise<void> {
  expect(lane.world.snapshot()).toBe(before);
  expect(await journal()).toEqual([]);
  lane.mend();
  expect(await pendingAuthorizations(lane, host.stateDir)).toEqual([]);
}

interface Stage {
  readonly when: string;
  readonly signal: NodeJS.Signals;
  /** What holds the run up at this stage. */
  readonly hold: () => unknown;
  /** Resolves once the run is there. */
  readonly reached: (run: RunningLanacme) => Promise<void>;
}

const stages: readonly Stage[] = [
  {
    when: 'while it waits for the lock',
    signal: 'SIGINT',
    hold: async () => {
      await holdLock();
    },
    reached: async (run) => {
      await run.says('waiting for the lock');
    },
  },
  {
    when: 'while it fetches credentials',
    signal: 'SIGTERM',
    hold: () => {
      lane.world.credentials.faults.add({ kind: 'hang' });
    },
    reached: async () => {
      await until(() => lane.world.credentials.requests.length === 1);
    },
  },
  {
    when: 'while the CA says nothing to the order',
    signal: 'SIGHUP',
    hold: () => {
      lane.ca.faults.add({ resource: 'newOrder', fault: { kind: 'silence' } });
    },
    reached: async () => {
      await until(() => asked('newOrder') === 1);
    },
  },
  {
    when: 'between the order and the change',
    signal: 'SIGINT',
    hold: () => {
      lane.ca.faults.add({ resource: 'authorization', fault: { kind: 'silence' } });
    },
    reached: async () => {
      await until(() => asked('authorization') === domains.length);
    },
  },
  {
    when: 'while Route 53 owes the answer to a change that it has made',
    signal: 'SIGTERM',
    hold: () => {
      const fault = { kind: 'hang', isCarriedOut: true } as const;
      lane.world.route53.faults.add({ operation: 'ChangeResourceRecordSets', fault });
    },
    reached: async () => {
      await until(() => lane.world.snapshot() !== before);
    },
  },
  {
    when: 'while the change is PENDING',
    signal: 'SIGHUP',
    hold: () => {
      lane.world.store.delayMs = Infinity;
    },
    reached: async (run) => {
      await run.says('(INSYNC)');
      await until(() => lane.world.route53.requests.some(({ operation }) => operation === 'GetChange'));
    },
  },
  {
    when: 'during finalize',
    signal: 'SIGTERM',
    hold: () => {
      lane.ca.faults.add({ resource: 'finalize', fault: { kind: 'silence' } });
    },
    reached: async () => {
      await until(() => asked('finalize') === 1);
    },
  },
  {
    when: 'while it downloads the certificate',
    signal: 'SIGHUP',
    hold: () => {
      lane.ca.faults.add({ resource: 'certificate', fault: { kind: 'silence' } });
    },
    reached: async () => {
      await until(() => asked('certificate') === 1);
    },
  },
];

/** Until the end of the test, by a process that says when it has it. */
async function holdLock(): Promise<void> {
  await mkdir(host.stateDir, { mode: 0o700 });
  const holder = spawn('flock', [join(host.stateDir, 'lock'), 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  atTheEnd.push(async () => {
    const ended = once(holder, 'close');
    holder.stdin.end();
    await ended;
  });
}

describe('a signal', () => {
  const rows = sampled(stages.length, 2)
    .flatMap((number) => stages[number - 1] ?? [])
    .map((stage) => [stage.when, stage.signal, stage] as const);
  test.for(rows)('%s: %s leaves nothing behind', async ([, , { signal, hold, reached }]) => {
    await hold();
    const run = start(issue);
    await reached(run);
    const said = await interrupt(run, signal);
    expect(said).toContain(`interrupted by ${signal}: cleaning up`);
    expect(said).toContain('run.interrupted');
    await leavesNothing();
    expect(await readdir(join(host.stateDir, 'live')).catch(() => [])).toEqual([]);
  });

  test('during a hook ends all that the hook has started, and the hook stays owed', async () => {
    const hook = 'sleep 300 & echo "processes $$ $!"; wait';
    const run = start([...issue, '--deploy-hook', hook]);
    await run.says('hook: processes');
    const said = await interrupt(run, 'SIGINT');
    const processes = /processes (\d+) (\d+)/.exec(said)?.slice(1) ?? [];
    expect(processes).toHaveLength(2);
    for (const id of processes) expect(await isRunning(id)).toBe(false);
    await leavesNothing();
    const status = await runLanacme(['status', '--json'], { env: host.environment() });
    expect(JSON.parse(status.stdout)).toMatchObject({ certificates: [{ deployed: false }] });
  });

  test('ends also a hook that does not want to end', async () => {
    const hook = `trap '' TERM; echo "process $$"; while :; do sleep 1; done`;
    const run = start([...issue, '--deploy-hook', hook]);
    await run.says('hook: process');
    const said = await interrupt(run, 'SIGTERM');
    expect(await isRunning(/process (\d+)/.exec(said)?.[1] ?? '')).toBe(false);
  });

  test('during clean-up lets it go on, for as long as that may take', async () => {
    const answer = heldBack();
    const fault = { kind: 'delay', until: answer.until } as const;
    lane.world.route53.faults.add({ operation: 'ChangeResourceRecordSets', nth: 2, fault });
    const run = start(issue);
    await until(() => changesAsked() === 2);
    // The answer comes when the run has heard the signal.
    void run.says('interrupted by SIGTERM').finally(answer.letGo);
    await interrupt(run, 'SIGTERM');
    await leavesNothing();
  });
});

describe('when clean-up gets no answer', () => {
  const silent = { kind: 'hang', isCarriedOut: false } as const;
  const cleanUpIsSilent = (times: number): void => {
    lane.world.route53.faults.add({ operation: 'ChangeResourceRecordSets', nth: 2, times, fault: silent });
  };

  /** What the journal kept, `cleanup` takes out. */
  async function cleanupRepairs(): Promise<void> {
    expect(await journal()).toHaveLength(1);
    expect(lane.world.snapshot()).not.toBe(before);
    lane.mend();
    const cleanup = await runLanacme(['cleanup'], { env: host.environment() });
    expect(cleanup).toMatchObject({ code: 0, stdout: expect.stringContaining('removed _acme-') as string });
    expect(lane.world.snapshot()).toBe(before);
    expect(await journal()).toEqual([]);
  }

  test('and the CA gives none either, a run is over in time all the same, and says what it left', async () => {
    cleanUpIsSilent(Infinity);
    lane.world.store.delayMs = Infinity;
    // Four of its seconds are one of ours.
    const run = start(issue, fastTime({ runs: 4 }));
    await run.says('(INSYNC)');
    await until(() => lane.world.route53.requests.some(({ operation }) => operation === 'GetChange'));
    lane.ca.faults.add({ resource: 'authorization', times: Infinity, fault: { kind: 'silence' } });
    expect(await interrupt(run, 'SIGTERM')).toContain('challenge values are left at');
    await cleanupRepairs();
  });

  test('a second signal ends it at once, by that signal, and the journal is kept', async () => {
    cleanUpIsSilent(1);
    lane.world.store.delayMs = Infinity;
    const run = start(issue);
    await run.says('(INSYNC)');
    run.kill('SIGINT');
    await until(() => changesAsked() === 2);
    await interrupt(run, 'SIGTERM');
    await cleanupRepairs();
  });

  test('so it is with lanacme cleanup', async () => {
    cleanUpIsSilent(2);
    lane.world.store.delayMs = Infinity;
    const killed = start(issue);
    await killed.says('(INSYNC)');
    killed.kill('SIGKILL');
    await killed.ended;
    const run = start(['cleanup']);
    await until(() => changesAsked() === 2);
    run.kill('SIGHUP');
    await run.says('interrupted by SIGHUP');
    await interrupt(run, 'SIGHUP');
    await cleanupRepairs();
  });
});

describe('while another program waits for credentials', () => {
  const held = async (args: readonly string[]): Promise<RunningLanacme> => {
    lane.world.credentials.faults.add({ kind: 'hang' });
    const run = start(['credentials', ...args]);
    await until(() => lane.world.credentials.requests.length === 1);
    return run;
  };

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s gives it none', async (signal) => {
    const run = await held(['--format', 'process']);
    expect(await interrupt(run, signal)).toContain('run.interrupted');
  });

  test('its file stays as it was, and nothing stands beside it', async () => {
    const folder = dirname(host.keyFile);
    const file = join(folder, 'credentials');
    await writeFile(file, '[default]\nregion = eu-west-2\n', { mode: 0o600 });
    const there = await readdir(folder);
    await interrupt(await held(['--output', file]), 'SIGTERM');
    expect(await readFile(file, 'utf8')).toBe('[default]\nregion = eu-west-2\n');
    expect(await readdir(folder)).toEqual(there);
  });
});

// Last: a Pebble whose authorization was deactivated while it validates it makes no account any more afterwards.
test('a signal while the CA validates leaves nothing behind', async () => {
  lane.world.dns.faults.isSilent = true;
  const run = start(issue);
  await run.says('waiting for the CA to validate');
  await until(() => lane.world.dns.queries.length > 0 && asked('order') > 0);
  expect(await interrupt(run, 'SIGINT')).toContain('run.interrupted');
  await leavesNothing();
});

/** A process that has ended and that nobody has waited for is none. */
async function isRunning(id: string): Promise<boolean> {
  const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => undefined);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}
