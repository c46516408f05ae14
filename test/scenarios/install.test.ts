/** What is on disk for servers, going back, and taking it away again: as a person types it. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { run } from '../support/child-process.ts';
import { treeOf } from '../support/modes.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { useScene } from './scene.ts';

const scene = useScene();
const name = 'nas.lan.example';
const live = (file: string): string => join(scene.host.stateDir, 'live', name, file);

async function lanacme(...args: readonly string[]): Promise<LanacmeResult> {
  return await runLanacme(args, { env: scene.host.environment({}) });
}

test('a certificate for HAProxy and for Java, which the group of the servers may read', async () => {
  const passwordFile = join(scene.world.folder, 'p12-password');
  await writeFile(passwordFile, 'changeit\n', { mode: 0o600 });
  const group = (await run('id', ['-gn'])).trim();
  const wishes = ['--combined', '--pkcs12-password-file', passwordFile, '--key-group', group];
  expect((await scene.issue(['--domain', name, ...wishes, '--key-type', 'rsa2048'])).code).toBe(0);
  const combined = await readFile(live('combined.pem'), 'utf8');
  expect(() => createSecureContext({ cert: combined, key: combined })).not.toThrow();
  const password = ['-passin', `file:${passwordFile}`];
  const opened = await run('openssl', ['pkcs12', '-in', live('bundle.p12'), ...password, '-nodes']);
  expect(opened).toContain(await readFile(live('privkey.pem'), 'utf8'));
  expect(await treeOf(join(scene.host.stateDir, 'archive', name))).toEqual({
    '0001': 'd 750',
    '0001/bundle.p12': '- 640',
    '0001/cert.pem': '- 644',
    '0001/chain.pem': '- 644',
    '0001/combined.pem': '- 640',
    '0001/fullchain.pem': '- 644',
    '0001/privkey.pem': '- 640',
  });
});

test('a group that this host does not have is wrong usage: nothing is sent anywhere', async () => {
  const { code, stderr } = await scene.issue(['--domain', name, '--key-group', 'tls-readers']);
  expect(code).toBe(2);
  expect(stderr).toContain('--key-group: there is no group tls-readers');
  expect(stderr).toContain('groupadd --system tls-readers');
  expect((await scene.world.counts()).acme).toEqual({});
});

test('back to the version before, and there to stay; then all of it deleted', async () => {
  const said = join(scene.world.folder, 'deployed');
  const hook = ['--deploy-hook', `echo "$LANACME_HOOK_SERIAL" >> ${said}`];
  await scene.issue(['--domain', name, ...hook]);
  await scene.issue(['--domain', name, '--force']);

  const back = await lanacme('rollback', name, '--json');
  expect(back.code).toBe(0);
  const { certificates } = JSON.parse(back.stdout) as { certificates: readonly { serial: string }[] };
  expect(JSON.parse(back.stdout)).toMatchObject({ rollback: { from: '0002', to: '0001' }, errors: [] });
  const [first, second, third] = (await readFile(said, 'utf8')).split('\n');
  expect([first, certificates[0]?.serial]).toEqual([third, third]);
  expect(second).not.toBe(third);

  expect((await scene.issue(['--domain', name])).stderr).toContain('nothing to do');
  const further = await lanacme('rollback', name);
  expect([further.code, further.stdout]).toEqual([1, '']);
  expect(further.stderr).toContain(`${name} has no earlier version to go back to`);

  const deleted = await lanacme('delete', name);
  const { stateDir } = scene.host;
  expect(deleted).toMatchObject({
    code: 0,
    stdout: [`live/${name}`, `archive/${name}`, `certificates/${name}.json`]
      .map((path) => `removed ${stateDir}/${path}\n`)
      .join(''),
  });
  expect(deleted.stderr).toContain('deleted, not revoked');
  for (const folder of ['live', 'archive', 'certificates', 'orders'])
    expect(await readdir(join(stateDir, folder))).toEqual([]);
  const again = await lanacme('delete', name);
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining(`there is no certificate named ${name} here`) as string,
  ]);
});
