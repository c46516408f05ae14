import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deployEnvironment } from '../../src/core/hook-environment.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { systemClock } from '../../src/io/clock.ts';
import { ShellHooks, type ShellHooksOptions } from '../../src/io/hooks.ts';
import type { HookResult } from '../../src/ports.ts';
import { FakeLog } from '../fakes/log.ts';

const never = new AbortController().signal;
const environment = deployEnvironment({
  name: parseCertificateName('lan.example'),
  version: '0001',
  path: '/state/live/lan.example',
  facts: {
    serial: '01',
    issuer: 'CA',
    domains: [parseDomain('lan.example'), parseDomain('*.lan.example')],
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2026-04-01T00:00:00Z'),
  },
  spec: { domains: [parseDomain('lan.example')], server: 'https://ca.example/dir', keyType: 'ec256' },
});

/** What is said of hooks that cannot do what root can. */
const ofUser =
  process.geteuid?.() === 0
    ? ''
    : `; it ran as user ${userInfo().username} (id ${userInfo().uid}): what only root may do belongs into the env file (LANACME_DEPLOY_HOOK) or /etc/lanacme/deploy.d/`;

let folder: string;
let log: FakeLog;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanacme-hooks-'));
  log = new FakeLog();
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const run = async (command: string, options: Partial<ShellHooksOptions> = {}, signal = never) =>
  await new ShellHooks({ timeoutMs: 20_000, log, ...options }).run(command, environment, signal);

function errorOf(result: HookResult) {
  if (result.kind === 'succeeded') throw new Error('the hook succeeded');
  return result.error;
}

async function pidIn(file: string): Promise<number> {
  for (;;) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    if (text.endsWith('\n')) return Number(text);
    await systemClock.sleep(5, never);
  }
}

/** The hook's time is up once it has written a line to that file, however long that takes. */
const upWith = (file: string) => (): AbortSignal => {
  const up = new AbortController();
  void pidIn(file).then(() => {
    up.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  });
  return up.signal;
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<void> {
  while (isAlive(pid)) await systemClock.sleep(5, never);
}

describe('a hook', () => {
  it('is a line for the shell', async () => {
    const result = await run(`for i in a b; do echo "$i" >> ${folder}/out; done && cat ${folder}/out`);
    expect(result).toEqual({ kind: 'succeeded' });
    expect(log.lines).toEqual(['info: hook: a', 'info: hook: b']);
  });

  it('gets its variables and nothing of our environment', async () => {
    process.env['LANACME_TEST_SECRET'] = 'secret';
    process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
    try {
      await run('env -0 | tr "\\0" "\\n"');
    } finally {
      delete process.env['LANACME_TEST_SECRET'];
      delete process.env['AWS_SECRET_ACCESS_KEY'];
    }
    const lines = log.lines.map((line) => line.replace('info: hook: ', ''));
    // What the shell itself adds.
    const own = lines.filter((line) => !/^(PWD|OLDPWD|SHLVL|_)=/.test(line));
    expect(own.sort()).toEqual(
      [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        `HOME=${userInfo().homedir}`,
        'LANG=C.UTF-8',
        ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      ].sort(),
    );
  });

  it('runs in /, in a session of its own, without an input', async () => {
    await run('pwd; [ "$(ps -o sid= -p $$ | tr -d " ")" = $$ ] && echo leader; cat; echo "<$(wc -c)>"');
    expect(log.lines).toEqual(['info: hook: /', 'info: hook: leader', 'info: hook: <0>']);
  });

  it('is told line by line, both outputs, as they come', async () => {
    await run('printf "one\\ntw"; printf "o\\n\\nthree\\r\\n"; echo err >&2; printf "no end"');
    expect(log.lines.toSorted()).toEqual([
      'info: hook: err',
      'info: hook: no end',
      'info: hook: one',
      'info: hook: three',
      'info: hook: two',
    ]);
  });

  it('is cut short when it prints long lines, or many', async () => {
    await run(`head -c 5000000 /dev/zero | tr "\\0" x; echo; echo after`);
    expect(log.lines).toEqual([`info: hook: ${'x'.repeat(1000)}…`, 'info: hook: after']);
    log.lines.length = 0;
    await run('seq 1 100000');
    expect(log.lines).toHaveLength(1001);
    expect(log.lines.at(-1)).toBe('warn: hook: it prints too much; the rest is not logged');
  });

  it('that leaves a daemon behind has ended, and the daemon lives', async () => {
    const before = performance.now();
    expect(await run(`sleep 30 & echo $! > ${folder}/pid; echo started`)).toEqual({ kind: 'succeeded' });
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(log.lines).toEqual(['info: hook: started']);
    const daemon = await pidIn('pid');
    expect(isAlive(daemon)).toBe(true);
    process.kill(daemon);
  });
});

describe('a hook that fails', () => {
  it('is told with its exit code and its last lines', async () => {
    const error = errorOf(await run('seq 1 7; printf "\\033[31mred\\n" >&2; exit 3'));
    expect(error).toMatchObject({
      code: 'hook.failed',
      message: expect.stringMatching(/^the hook "seq 1 7; .*" failed with exit code 3$/) as string,
      hint: `its last lines are above; mend what they complain about${ofUser}; it stays owed: the next run of lanacme runs it again`,
      outcome: 'failed',
    });
    expect(error.details).toHaveLength(5);
    expect(error.details.join()).not.toContain('\x1b');
    expect(error.details).toContain('7');
  });

  it.each([
    [127, 'no-such-command-here', 'give the full path of the command: hooks run with PATH=/usr/local/sbin:'],
    [126, '/etc/passwd', 'make the command executable (chmod +x)'],
  ])('with %i says what to do', async (code, command, hint) => {
    const error = errorOf(await run(command));
    expect(error.message).toBe(`the hook "${command}" failed with exit code ${code}`);
    expect(error.hint).toContain(hint);
  });

  it('is told with the signal that ended it', async () => {
    expect(errorOf(await run('kill -SEGV $$')).message).toBe('the hook "kill -SEGV $$" was ended by SIGSEGV');
  });

  it('shows no more of a long command than fits, and nothing that moves the cursor', async () => {
    const { message } = errorOf(await run(`: \x1b[2J ${'x'.repeat(200)}; exit 1`));
    expect(message).toMatch(/^the hook ": \\x1b\[2J x+… \(\d+ more characters\)" failed with exit code 1$/);
  });
});

describe('a hook that takes too long', () => {
  it('is ended when its time is up', async () => {
    expect(errorOf(await run('sleep 60', { timeoutMs: 300 })).code).toBe('hook.timed-out');
  });

  it('is ended with all that it started', async () => {
    const command = `sleep 60 & echo $! > ${folder}/pid; sleep 60`;
    const error = errorOf(await run(command, { timeoutMs: 300, deadline: upWith('pid') }));
    expect(error).toMatchObject({
      code: 'hook.timed-out',
      message: expect.stringMatching(/ did not end within 0\.3 s and was stopped$/) as string,
      hint: 'let it end sooner, or raise --hook-timeout; it stays owed: the next run of lanacme runs it again',
    });
    await gone(await pidIn('pid'));
  });

  it('is asked first, and may finish its work', async () => {
    const command = `trap 'echo tidied > ${folder}/out; exit 0' TERM; echo > ${folder}/ready; while :; do sleep 0.05; done`;
    expect(errorOf(await run(command, { deadline: upWith('ready') })).code).toBe('hook.timed-out');
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('tidied\n');
  });

  it('is killed when it does not listen', async () => {
    const command = `trap '' TERM; echo $$ > ${folder}/pid; while :; do sleep 0.05; done`;
    expect(errorOf(await run(command, { deadline: upWith('pid'), graceMs: 200 })).code).toBe(
      'hook.timed-out',
    );
    await gone(await pidIn('pid'));
  });

  it('is killed when only what it started does not listen', async () => {
    const tell = `while [ ! -s ${folder}/pid ]; do sleep 0.01; done; echo > ${folder}/ready`;
    const deaf = `(trap "" TERM; ${tell}; while :; do sleep 0.05; done) & echo $! > ${folder}/pid; wait`;
    expect(errorOf(await run(deaf, { deadline: upWith('ready'), graceMs: 200 })).code).toBe('hook.timed-out');
    await gone(await pidIn('pid'));
  });
});

describe('an abort', () => {
  it('ends the hook with all that it started, and is passed on', async () => {
    const stop = new AbortController();
    const reason = new Error('SIGTERM');
    const running = run(`sleep 60 & echo $! > ${folder}/pid; wait`, {}, stop.signal);
    const failed = expect(running).rejects.toBe(reason);
    const child = await pidIn('pid');
    stop.abort(reason);
    await failed;
    await gone(child);
  });

  it('before it starts keeps it from starting', async () => {
    await expect(run(`echo > ${folder}/out`, {}, AbortSignal.abort(new Error('SIGINT')))).rejects.toThrow(
      'SIGINT',
    );
    await expect(readFile(join(folder, 'out'))).rejects.toThrow('ENOENT');
  });
});
