/** `lanacme revoke` as a person runs it, against Pebble. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const name = 'nas.lan.example';

async function run(command: string, ...args: readonly string[]): Promise<LanacmeResult> {
  return await runLanacme([command, ...args], { env: scene.host.environment({}) });
}

/** What Pebble says of the certificate in place. */
async function statusAtCa(): Promise<unknown> {
  const { certificates } = JSON.parse((await run('status', name, '--json')).stdout) as {
    certificates: readonly { serial: string }[];
  };
  const text = await scene.world.pebble.management(`/cert-status-by-serial/${certificates[0]?.serial ?? ''}`);
  return (JSON.parse(text) as { Status: unknown }).Status;
}

test('the CA is told, the next run gets another certificate, and a second time nobody is asked', async () => {
  await scene.issue(['--domain', name]);
  expect(await statusAtCa()).toBe('Valid');
  expect(await run('revoke', name, '--reason', 'superseded')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^nas\.lan\.example: serial [0-9a-f]+ is revoked \(superseded\); .+\n$/,
    ) as string,
  });
  expect(await statusAtCa()).toBe('Revoked');
  const requests = (await scene.world.pebble.requests()).length;
  expect(await run('revoke', name)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/was revoked before\n$/) as string,
  });
  expect(await scene.world.pebble.requests()).toHaveLength(requests);
  const again = await scene.issue(['--domain', name]);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('it was revoked at');
  expect(await readdir(join(scene.host.stateDir, 'archive', name))).toEqual(['0001', '0002']);
  expect(await statusAtCa()).toBe('Valid');
});

test('without its account a certificate is revoked by its own key', async () => {
  await scene.issue(['--domain', name]);
  await rm(join(scene.host.stateDir, 'accounts'), { recursive: true });
  const { code, stdout } = await run('revoke', name, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    certificates: [{ name }],
    revocation: { reason: 'unspecified', by: 'certificate-key' },
    errors: [],
  });
  expect(await statusAtCa()).toBe('Revoked');
});

test('a certificate that is not there is told, with those that are', async () => {
  await scene.issue(['--domain', name]);
  const { code, stderr } = await run('revoke', 'other.lan.example');
  expect(code).toBe(1);
  expect(stderr).toContain(name);
});
