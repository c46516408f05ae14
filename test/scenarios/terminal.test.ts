/** What a person sees, and what a program that reads along gets. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { isLong } from '../support/long-form.ts';
import { startOnTerminal } from '../support/pseudo-terminal.ts';
import { program, runLanacme } from '../support/run-lanacme.ts';
import { type AcmeFaultProxy, startAcmeFaultProxy } from '../world/acme-fault-proxy.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

const pendingMs = 200;
const issue = ['issue', '--domain', 'nas.lan.example'];

/** Sleeps of the program take a tenth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 10 });
const quick = { ...time.env, NODE_OPTIONS: time.nodeArgs.join(' ') };

let world: World;
let ca: AcmeFaultProxy;
let host: Host;
let env: Readonly<Record<string, string>>;
let hosts = 0;

beforeAll(async () => {
  world = await startWorld({ pendingMs, route53: { rateLimit: 'none' } });
  ca = await startAcmeFaultProxy(world.pebble);
  await writeFile(join(world.folder, 'proxy-ca.pem'), ca.caPem);
});
afterAll(async () => {
  await ca.stop();
  await world.stop();
});
beforeEach(async () => {
  hosts += 1;
  host = await world.addHost({ thingName: `host-${hosts}` });
  const { directoryUrl } = ca;
  const proxied = { LANACME_SERVER: directoryUrl, LANACME_SERVER_CA: join(world.folder, 'proxy-ca.pem') };
  env = { ...host.environment(proxied), ...quick };
});
afterEach(() => {
  ca.faults.clear();
  world.route53.faults.clear();
  world.credentials.faults.clear();
  world.store.delayMs = pendingMs;
  world.store.syncAll();
});

/** CR, then clear the line. */
const clearLine = '\r\x1b[2K';
/** What stays: the live line is cleared before each change of it. */
const remaining = (written: string): readonly string[] => {
  const cleared = written.replaceAll(/[^\n]*\r\x1b\[2K/g, '');
  return cleared
    .replaceAll(/\x1b\[[\d;]*m/g, '')
    .trimEnd()
    .split('\r\n');
};
/** What the live line showed, one after the other. */
const waits = (written: string): readonly string[] =>
  written
    .split(clearLine)
    .slice(1)
    .filter((text) => text.startsWith('waiting'))
    .map((text) => text.replace(/\r\n[^]*/, ''));

/** Issues on a terminal with a change that stays PENDING until `line` was shown. */
async function issueSlowly(line: RegExp, columns: number): Promise<string> {
  world.store.delayMs = Infinity;
  const run = startOnTerminal(issue, { env: { ...env, TIME_SKIPS: '1' }, columns });
  await run.shows(line);
  world.store.delayMs = 0;
  world.store.syncAll();
  const { code, written } = await run.ended;
  expect(code).toBe(0);
  return written;
}

describe('on a terminal', () => {
  test('the steps stay, and a live line tells what is waited for and since when', async () => {
    // A machine that is busy may draw a second late, and so leave one out: test/io/log counts them by a clock of its own.
    const written = await issueSlowly(/\(INSYNC\) \((?:[2-9]|\d\d+) s\)/, 100);
    expect(remaining(written)).toEqual(
      [
        /^ordering a certificate: there is no certificate yet$/,
        /^traded the identity of this host for AWS credentials/,
        /^registered at the CA/,
        /^ordered nas\.lan\.example/,
        /^published 1 challenge in zone lan\.example/,
        /^the change is INSYNC$/,
        /^1 of 1 name servers of lan\.example serve the challenge$/,
        /^the CA has validated every name$/,
        /^removed the challenge from zone lan\.example$/,
        /^issued by Pebble/,
        /^installed version 0001 at /,
        /^the CA suggests to renew nas\.lan\.example between /,
        new RegExp(`^${host.stateDir}/live/nas\\.lan\\.example$`),
      ].map((line) => expect.stringMatching(line) as string),
    );
    const inSync = waits(written).filter((line) => line.includes('INSYNC'));
    const seconds = inSync.map((line) =>
      Number(
        /^waiting for Route 53 to bring the change to all its servers \(INSYNC\) \((\d+) s\)$/.exec(
          line,
        )?.[1],
      ),
    );
    expect(seconds.every((each) => Number.isInteger(each))).toBe(true);
    expect(seconds).toEqual(seconds.toSorted((one, other) => one - other));
    expect(seconds[0]).toBe(0);
    expect(seconds.at(-1)).toBeGreaterThanOrEqual(2);
    expect(waits(written)).toContain('waiting for the CA to validate (0 s)');
  });

  test('a live line that does not fit is cut: what is wrapped could not be cleared', async () => {
    const written = await issueSlowly(/… \([1-9]\d* s\)/, 40);
    for (const line of waits(written)) expect(line.length).toBeLessThan(40);
    expect(remaining(written)).toContain('the change is INSYNC');
  });

  test('errors stand out, unless NO_COLOR is set or the terminal is dumb', async () => {
    const wrong = ['issue', '--domain', 'nas.other.example'];
    const colored = await startOnTerminal(wrong, { env }).ended;
    expect(colored.code).toBe(2);
    expect(colored.written).toContain('\x1b[1;31mlanacme:\x1b[0m');
    for (const plain of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
      const { written } = await startOnTerminal(wrong, { env: { ...env, ...plain } }).ended;
      expect(written).not.toContain('\x1b');
      expect(written).toContain('lanacme: --domain: nas.other.example is outside');
    }
  });
});

describe('not on a terminal', () => {
  const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

  test('the log is JSON, a line each, and standard output has the result alone', async () => {
    const { code, stdout, stderr } = await runLanacme(issue, { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${host.stateDir}/live/nas.lan.example\n` });
    for (const line of lines(stderr)) {
      const { level, time, msg } = JSON.parse(line) as Record<string, unknown>;
      expect(['info', 'warn']).toContain(level);
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(msg).toEqual(expect.any(String));
    }
  });

  test('pretty lines are plain, waits included', async () => {
    const { stdout, stderr } = await runLanacme([...issue, '--log-format', 'pretty'], { env });
    expect(stdout).toBe(`${host.stateDir}/live/nas.lan.example\n`);
    expect(stderr).not.toMatch(/[\r\x1b]/);
    expect(lines(stderr)).toContain('waiting for Route 53 to bring the change to all its servers (INSYNC)');
  });

  test("under systemd each line begins with the journal's priority", async () => {
    const good = await runLanacme(issue, { env: { ...env, JOURNAL_STREAM: '8:1234' } });
    expect(good.code).toBe(0);
    for (const line of lines(good.stderr)) expect(line).toMatch(/^<6>[a-z0-9]/);

    const wrong = { env: { ...env, JOURNAL_STREAM: '8:1234' } };
    const bad = await runLanacme(['issue', '--domain', 'nas.other.example'], wrong);
    expect(bad).toMatchObject({ code: 2, stdout: '' });
    expect(lines(bad.stderr)).toEqual([
      expect.stringMatching(/^<3>--domain: nas\.other\.example .*; hint: /),
    ]);
  });

  test('a result that cannot be written is a failure in a sentence', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [program, '--version'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^lanacme: the result could not be written: .*no space left on device.*\n$/);
  });

  test('a failure leaves standard output empty; with --json it has the one object', async () => {
    world.credentials.faults.add({ kind: 'page', status: 403 }, { times: 2 });
    expect(await runLanacme(issue, { env })).toMatchObject({ code: 1, stdout: '' });
    const { code, stdout } = await runLanacme([...issue, '--json'], { env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ errors: [{ certificate: 'nas.lan.example' }] });
  });
});

describe('text of others', () => {
  const evil = '\x1b[2J\x1b]0;taken over\x07\u009b31m\u202e\r';
  /** XML cannot carry the first three. */
  const evilInXml = '\u009b31m\u202e';
  const again = { times: Infinity } as const;

  const speakers: readonly (readonly [who: string, shown: string, speak: () => readonly string[]])[] = [
    [
      'the CA',
      String.raw`\x1b[2J\x1b]0;taken over\x07\x9b31m\u{202e}`,
      () => {
        const problem = { type: 'malformed', detail: `no ${evil}` };
        ca.faults.add({ resource: 'newOrder', ...again, fault: { kind: 'problem', status: 400, problem } });
        return [];
      },
    ],
    [
      'the credentials endpoint',
      String.raw`\x1b[2J`,
      () => {
        const fault = { kind: 'refuse', status: 403, errorType: 'AccessDeniedException' } as const;
        world.credentials.faults.add({ ...fault, message: `no ${evil}` }, again);
        return [];
      },
    ],
    [
      'Route 53',
      String.raw`\x9b31m\u{202e}`,
      () => {
        const fault = {
          kind: 'refuse',
          status: 403,
          code: 'AccessDenied',
          message: `no ${evilInXml}`,
        } as const;
        world.route53.faults.add({ ...again, fault });
        return [];
      },
    ],
    [
      'a hook',
      String.raw`\x1b[2J\x1b]0;taken over\x07`,
      () => ['--deploy-hook', String.raw`printf '\033[2J\033]0;taken over\007\n'; exit 1`],
    ],
  ];

  test.for(speakers)('%s cannot reach the terminal, and is spelled out', async ([, shown, speak]) => {
    const args = [...issue, ...speak(), '--log-level', 'debug'];
    const { code, written } = await startOnTerminal(args, { env, columns: 200 }).ended;
    expect(code).toBe(1);
    expect(written).toContain(shown);
    const ours = written.replaceAll(/\r\x1b\[2K|\x1b\[[\d;]*m|\r?\n/g, '');
    expect(ours).not.toMatch(/[\p{Cc}\p{Cf}]/u);

    for (const format of isLong ? ['json', 'journal'] : ['json']) {
      const result = await runLanacme([...args, '--force', '--json', '--log-format', format], { env });
      expect(result.code).toBe(1);
      expect(`${result.stdout}${result.stderr}`.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});
