import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { runLanacme, startLanacme } from './run-lanacme.ts';
import { withTempFolder } from './temp-folder.ts';

afterEach(() => {
  delete process.env['LANACME_NONSENSE'];
});

/** A program that stands in for Node, so that it does what the test needs. */
const withNode = async (script: string, use: (node: string) => Promise<void>): Promise<void> => {
  await withTempFolder(async (folder) => {
    const node = join(folder, 'node');
    await writeFile(node, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await use(node);
  });
};

test('it runs the built program and tells its exit code and both outputs', async () => {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const good = await runLanacme(['--version']);
  expect(good).toEqual({
    code: 0,
    signal: null,
    stdout: expect.stringContaining(version) as string,
    stderr: '',
  });
  const bad = await runLanacme(['--no-such-option']);
  expect(bad).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('no-such-option') as string,
  });
});

test('nothing of our own environment reaches it', async () => {
  process.env['LANACME_NONSENSE'] = '1';
  await withNode('env; echo "$HOME"', async (node) => {
    const { stdout } = await runLanacme([], { node, env: { AWS_REGION: 'us-east-1' } });
    expect(stdout).not.toContain('LANACME_NONSENSE');
    expect(stdout).toContain('AWS_REGION=us-east-1\n');
    expect(stdout).toContain('\n/nonexistent\n');
  });
});

test('what it says can be waited for, and a signal sent then', async () => {
  await withNode('echo begin >&2; exec sleep 60', async (node) => {
    const running = startLanacme([], { node });
    await running.says('begin');
    running.kill('SIGTERM');
    expect(await running.ended).toEqual({ code: null, signal: 'SIGTERM', stdout: '', stderr: 'begin\n' });
  });
});

test('waiting for what it never says ends with it', async () => {
  await withNode('echo something else >&2', async (node) => {
    const running = startLanacme([], { node });
    await expect(running.says('begin')).rejects.toThrow('ended without saying "begin":\nsomething else');
  });
});

test('one that hangs is killed and fails the test with what it said', async () => {
  await withNode('echo stuck >&2; trap "" TERM; while :; do sleep 1; done', async (node) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const running = startLanacme([], { node, limitMs: 200 });
      await running.says('stuck');
      vi.advanceTimersByTime(200);
      await expect(running.ended).rejects.toThrow('did not end in 0.2 s:\nstuck');
    } finally {
      vi.useRealTimers();
    }
  });
});

test('a Node that is not there is an error', async () => {
  await expect(runLanacme([], { node: '/nowhere/node' })).rejects.toThrow('ENOENT');
});
