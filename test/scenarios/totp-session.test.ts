/** A session that is named by a TOTP code, from the host that makes it to whoever reads CloudTrail. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../support/child-process.ts';
import { type LanacmeResult, program, runLanacme } from '../support/run-lanacme.ts';
import { formOfSecret } from '../support/secret-search.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const otherSeed = 'MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U';

let world: World;
let host: Host;

beforeAll(async () => {
  world = await startWorld({ identity: 'roles-anywhere' });
  host = await world.addHost({ thingName: 'pi-hole' });
  world.rolesAnywhere.profile.acceptRoleSessionName = true;
});
afterAll(async () => {
  await world.stop();
});

const secretFile = async (name: string, text: string): Promise<string> => {
  const file = join(world.folder, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
};
const credentials = async (seedFile: string): Promise<LanacmeResult> =>
  await runLanacme(['credentials', '--format', 'json', '--log-level', 'debug'], {
    env: host.environment({ LANACME_ROLES_ANYWHERE_SESSION_NAME_TOTP_SEED_FILE: seedFile }),
  });

/** What CloudTrail tells of the newest session. */
async function eventFile(): Promise<string> {
  const made = world.rolesAnywhere.server.requests.at(-1);
  const file = join(world.folder, 'event.json');
  const event = {
    eventSource: 'rolesanywhere.amazonaws.com',
    eventName: 'CreateSession',
    eventTime: `${made?.time.toISOString().slice(0, 19) ?? ''}Z`,
    sourceIPAddress: '192.0.2.7',
    requestParameters: { roleSessionName: made?.sessionName },
    responseElements: { credentialSet: [{ sourceIdentity: `CN=${host.thingName}.lan.example` }] },
  };
  await writeFile(file, JSON.stringify({ Records: [event] }));
  return file;
}

test('is found legit with the seed of its host, and not with that of another', async () => {
  const made = await credentials(await secretFile('seed', `${seed}\n`));
  expect(made).toMatchObject({ code: 0 });
  expect(world.rolesAnywhere.server.requests).toMatchObject([
    { status: 201, sessionName: expect.stringMatching(/^\d{6}$/) as string },
  ]);
  const seeds = await secretFile('seeds', `pi-hole.lan.example ${seed}\nnas.lan.example ${otherSeed}\n`);
  const legit = await runLanacme(['verify-session', await eventFile(), '--seeds', seeds]);
  expect(legit).toMatchObject({ code: 0, stderr: '' });
  expect(legit.stdout).toMatch(/^legit: pi-hole\.lan\.example at /);

  const stolen = await credentials(await secretFile('other-seed', otherSeed));
  expect(stolen.code).toBe(0);
  const found = await runLanacme(['verify-session', await eventFile(), '--seeds', seeds]);
  expect(found.code).toBe(1);
  expect(found.stdout).toMatch(/^NOT LEGIT: pi-hole\.lan\.example at /);
  for (const { stdout, stderr } of [made, legit, stolen, found]) {
    expect(formOfSecret({ name: 'seed', bytes: Buffer.from(seed) }, stdout + stderr)).toBeUndefined();
  }
  const kept = await readdir(host.stateDir, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of kept.filter((one) => one.isFile())) {
    expect(await readFile(join(entry.parentPath, entry.name), 'latin1')).not.toContain(seed);
  }
});

test('is found in a packed log file that comes by a pipe', async () => {
  await credentials(await secretFile('seed', `${seed}\n`));
  const seeds = await secretFile('seeds', JSON.stringify({ 'pi-hole.lan.example': seed }));
  const pipe = 'gzip -c "$1" | "$2" "$3" verify-session - --seeds "$4" --json';
  const args = ['-c', pipe, 'sh', await eventFile(), process.execPath, program, seeds];
  const told = await run('sh', args);
  expect(JSON.parse(told)).toMatchObject({ legit: true, sessions: [{ legit: true, repeats: null }] });
});

test('is not made where others can read the seed', async () => {
  const file = join(world.folder, 'exposed-seed');
  await writeFile(file, seed, { mode: 0o644 });
  const before = world.rolesAnywhere.server.requests.length;
  const result = await credentials(file);
  expect(result).toMatchObject({ code: 1, stdout: '' });
  expect(result.stderr).toContain('can be read or changed by others');
  expect(world.rolesAnywhere.server.requests).toHaveLength(before);
});
