import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { httpsRequest } from '../support/https-request.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { type Pebble, startPebble } from './pebble.ts';

/** Nobody listens there: what is tested here validates nothing. */
const dnsServer = '127.0.0.1:9';
const running: Pebble[] = [];
const start = async (options: Partial<Parameters<typeof startPebble>[0]> = {}): Promise<Pebble> => {
  const pebble = await startPebble({ dnsServer, ...options });
  running.push(pebble);
  return pebble;
};
afterAll(async () => {
  await Promise.all(
    running.map(async (pebble) => {
      await pebble.stop();
    }),
  );
});

test('several run at once, each offering ARI and the profiles it was given', async () => {
  const profiles = { shortlived: { description: 'six days', validityPeriod: 518_400 } };
  const [first, second] = await Promise.all([start(), start({ profiles })]);
  const offers = async (pebble: Pebble): Promise<unknown> =>
    JSON.parse((await httpsRequest(pebble.directoryUrl, { ca: pebble.caPem })).body);
  expect(await offers(first)).toMatchObject({
    renewalInfo: expect.any(String) as string,
    meta: { profiles: { default: 'ninety days' }, externalAccountRequired: false },
  });
  expect(await offers(second)).toMatchObject({ meta: { profiles: { shortlived: 'six days' } } });
});

test('it is deterministic: no nonce is refused and no authorization reused, unless asked for', async () => {
  const [usual, special] = await Promise.all([start(), start({ env: { PEBBLE_AUTHZREUSE: '100' } })]);
  expect(usual.log.join('\n')).toContain('Configured to reject 0% of good nonces');
  expect(usual.log.join('\n')).toContain(
    'Configured to attempt authz reuse for each identifier 0% of the time',
  );
  expect(usual.log.join('\n')).toContain('Disabling random VA sleeps');
  expect(special.log.join('\n')).toContain('authz reuse for each identifier 100% of the time');
});

test('it counts the requests of clients, and only those', async () => {
  const pebble = await start();
  expect(await pebble.requests()).toEqual([]);
  await httpsRequest(pebble.directoryUrl, { ca: pebble.caPem });
  await httpsRequest(new URL('/nonce-plz', pebble.directoryUrl).href, { ca: pebble.caPem, method: 'HEAD' });
  await pebble.issuerRootPem();
  const expected = [
    { method: 'GET', path: '/dir', resource: 'directory' },
    { method: 'HEAD', path: '/nonce-plz', resource: 'newNonce' },
  ];
  expect(await pebble.requests()).toEqual(expected);
  expect(await pebble.requests()).toEqual(expected);
});

test('further configuration reaches it', async () => {
  const pebble = await start({
    config: {
      externalAccountBindingRequired: true,
      externalAccountMACKeys: { 'kid-1': 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' },
    },
  });
  const directory = await httpsRequest(pebble.directoryUrl, { ca: pebble.caPem });
  expect(JSON.parse(directory.body)).toMatchObject({ meta: { externalAccountRequired: true } });
});

test('its management interface answers, and a refusal there is an error', async () => {
  const pebble = await start();
  expect(await pebble.issuerRootPem()).toMatch(/^-----BEGIN CERTIFICATE-----/);
  await expect(pebble.management('/roots/7')).rejects.toThrow('Pebble /roots/7: 404');
});

test('after stop nothing of it is left running', async () => {
  const pebble = await start();
  await pebble.stop();
  expect(() => process.kill(pebble.pid, 0)).toThrow('ESRCH');
  await expect(httpsRequest(pebble.directoryUrl, { ca: pebble.caPem })).rejects.toThrow('ECONNREFUSED');
  await pebble.stop();
});

test('nothing of testcontainers is loaded where Pebble is a program', () => {
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((file) => file.includes('/node_modules/testcontainers/'))).toEqual([]);
});

/** A program that takes Pebble's arguments and does something else. */
const withProgram = async (script: string, use: (program: string) => Promise<void>): Promise<void> => {
  await withTempFolder(async (folder) => {
    const program = join(folder, 'pebble');
    await writeFile(program, `#!${process.execPath}\n${script}`, { mode: 0o755 });
    await use(program);
  });
};

test('a Pebble that is too old is refused by what it lacks, with the line that gets a newer one', async () => {
  const oldPebble = `
    const { readFileSync } = require('node:fs');
    const { pebble } = JSON.parse(readFileSync(process.argv[3]));
    const tls = { cert: readFileSync(pebble.certificate), key: readFileSync(pebble.privateKey) };
    const [host, port] = pebble.listenAddress.split(':');
    const directory = { newNonce: 'x', renewalInfo: 'x', meta: {} };
    require('node:https').createServer(tls, (_, answer) => answer.end(JSON.stringify(directory))).listen(port, host);`;
  await withProgram(oldPebble, async (program) => {
    await expect(start({ from: { program } })).rejects.toThrow(
      /too old, its directory has no meta\.profiles; get it with: .*go install/,
    );
  });
});

test('a Pebble that ends at once is an error with its last words', async () => {
  await withProgram('console.error("no such flag"); process.exitCode = 1;', async (program) => {
    await expect(start({ from: { program } })).rejects.toThrow(
      /did not start: it ended at once\nno such flag/,
    );
  });
});

test('a port that somebody else took meanwhile costs another try, not the test', async () => {
  const clashing = `
    console.log('listen tcp 127.0.0.1: bind: address already in use'); process.exitCode = 1;
    require('node:fs').appendFileSync(__filename + '.tries', '.');`;
  await withProgram(clashing, async (program) => {
    await expect(start({ from: { program } })).rejects.toThrow('address already in use');
    expect(await readFile(`${program}.tries`, 'utf8')).toBe('.....');
  });
});

test('a program that is not there is an error that names it', async () => {
  await expect(start({ from: { program: '/nowhere/pebble' } })).rejects.toThrow(
    /Pebble \(\/nowhere\/pebble\) did not start: .*ENOENT/,
  );
});
