/** A run with nothing to do starts like a bare `node`: what talks to AWS and to the CA is not even loaded then. */
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { type LoadedSources, loadedBy } from '../support/loaded-sources.ts';
import { runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';

const issue = ['issue', '--domain', 'nas.lan.example', '--deploy-hook', 'true'];
const heavy =
  /^(undici|@aws-sdk\/.*|@smithy\/.*|acme-client|axios|node-forge|@peculiar\/.*|asn1js|dns-packet)$/;
const heavyOf = ({ libraries }: LoadedSources): readonly string[] =>
  libraries.filter((name) => heavy.test(name));

let world: World;
let full: LoadedSources;
let again: LoadedSources;

beforeAll(async () => {
  world = await startWorld({ pendingMs: 200 });
  full = await loadedBy(issue, world.host.environment());
  again = await loadedBy(issue, world.host.environment());
});
afterAll(async () => {
  await world.stop();
});

test('an issue with a certificate to get loads what talks to AWS, to the CA and to name servers', () => {
  expect(full.result.code).toBe(0);
  expect(heavyOf(full)).toEqual(
    expect.arrayContaining(['undici', '@aws-sdk/client-route-53', 'acme-client', 'dns-packet']),
  );
});

test('an issue that finds a good certificate loads none of that', () => {
  expect(again.result).toMatchObject({ code: 0, stdout: `${world.host.stateDir}/live/nas.lan.example\n` });
  expect(heavyOf(again)).toEqual([]);
  expect(again.sources).not.toContain('src/io/http.ts');
  expect(again.sources).not.toContain('src/io/keys.ts');
});

test('nor does it load what lays out pages of help: yargs takes longer to load than Node itself', () => {
  expect(again.libraries).toContain('yargs-parser');
  expect(again.libraries.filter((name) => ['yargs', 'cliui', 'string-width'].includes(name))).toEqual([]);
});

test('a renew with nothing due loads none of that, and not even what orders or deploys', async () => {
  await world.forgetRequests();
  const env = world.host.environment({ LANACME_LOG_FORMAT: 'journal' });
  for (const when of ['that looks at the certificate', 'that finds it untouched']) {
    const renew = await loadedBy(['renew'], env);
    expect([when, renew.result.code, renew.result.stdout]).toEqual([when, 0, '']);
    expect(heavyOf(renew)).toEqual([]);
    expect(renew.libraries).not.toContain('pino');
    for (const source of [
      'src/io/http.ts',
      'src/flows/renew-due.ts',
      'src/flows/deploy.ts',
      'src/io/lock.ts',
    ])
      expect([when, renew.sources]).not.toEqual([when, expect.arrayContaining([source])]);
  }
  expect(await world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
});

test('nor does a run that only looks load what Node takes longest to load: its cryptography, and writing of files', async () => {
  const [hook, told] = [join(world.folder, 'builtins.cjs'), join(world.folder, 'builtins')];
  await writeFile(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(told)}, process.moduleLoadList.join('\\n')));`,
  );
  const builtins = async (args: readonly string[], logFormat?: string): Promise<readonly string[]> => {
    const env = world.host.environment({
      NODE_OPTIONS: `--require=${hook}`,
      NODE_EXTRA_CA_CERTS: undefined,
      LANACME_LOG_FORMAT: logFormat,
    });
    expect(await runLanacme(args, { env })).toMatchObject({ code: 0 });
    return (await readFile(told, 'utf8')).split('\n');
  };
  const heavyOfNode = ['crypto', 'fs/promises', 'internal/modules/esm/loader', 'os', 'stream'];
  const heavyIn = async (...args: readonly string[]): Promise<readonly string[]> => {
    const loaded = await builtins(args, 'journal');
    return heavyOfNode.filter((name) => loaded.includes(`NativeModule ${name}`));
  };
  // Also with the library that writes JSON.
  expect(await builtins(['renew'])).not.toContain('NativeModule crypto');
  expect(await heavyIn('renew')).toEqual([]);
  expect(await heavyIn(...issue)).toEqual([]);
  expect(await heavyIn('status')).toEqual([]);
  // Files that were touched are read and checked again.
  await utimes(join(world.host.stateDir, 'live/nas.lan.example/cert.pem'), 1, 1);
  expect(await heavyIn('status')).toContain('crypto');
});

test('status loads none of that either', async () => {
  const status = await loadedBy(['status'], world.host.environment());
  expect(status.result).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('nas.lan.example') as string,
  });
  expect(heavyOf(status)).toEqual([]);
  expect(status.sources).not.toContain('src/io/http.ts');
});

test('--help loads what lays it out, --version next to nothing', async () => {
  const help = await loadedBy(['--help']);
  expect(help.libraries).toContain('yargs');
  expect(heavyOf(help)).toEqual([]);
  const version = await loadedBy(['--version']);
  expect(version.libraries).toEqual([]);
  expect(version.sources).toEqual(['src/io/descriptor-writer.ts', 'src/launch.ts']);
});

test.each([[['--help']], [['deploy', '--help']]])('%j shows a page of help', async (args) => {
  const shown = await runLanacme(args);
  expect(shown).toMatchObject({ code: 0, stderr: '' });
  expect(shown.stdout).toContain('lanacme');
});

test("the SDK's own chain of credentials stays out of a run with an identity of AWS IoT", () => {
  expect(
    full.libraries.filter((name) => /nested-clients|credential-provider-(ini|sso|process|web)/.test(name)),
  ).toEqual([]);
  expect(full.sources).not.toContain('src/io/default-credentials.ts');
});

test('what libraries bring along and lanacme never calls is not in the program', () => {
  const dead = ['sonic-boom', 'thread-stream'];
  expect(full.libraries.filter((name) => dead.includes(name))).toEqual([]);
  // It has all of TLS and its own cryptography: only what reads and writes ASN.1 is wanted.
  const ofForge = full.libraryFiles.filter((file) => file.includes('/node-forge/'));
  expect(ofForge.map((file) => basename(file, '.js'))).toEqual(['asn1', 'baseN', 'forge', 'oids', 'util']);
});

test('nothing that only development needs is in the program', () => {
  // All of package.json is: what the program is made of is bundled. acme-client brings its own.
  const ofTools = Object.keys(packageJson.devDependencies).filter(
    (name) => !heavy.test(name) && !['pino', 'yargs', 'yargs-parser'].includes(name),
  );
  expect(ofTools).toContain('vitest');
  expect(full.libraries.filter((name) => ofTools.includes(name))).toEqual([]);
});
