/** The way to Pebble for machines that cannot have Debian's package: testcontainers, and an image. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { runLanacme } from '../support/run-lanacme.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { type FoundPebble, findPebble } from '../world/pebble-binary.ts';
import { startWorld } from '../world/world.ts';
import { baseImages } from './base-images.ts';
import { useEngine } from './engine.ts';

const engine = useEngine();
const startedBy = 'lanacme-test.started-by';
let image = '';

beforeAll(async () => {
  image = (await baseImages(engine())).PEBBLE_IMAGE;
});
beforeEach(() => {
  for (const [name, value] of Object.entries({ ...engine().env, PEBBLE_IMAGE: image }))
    vi.stubEnv(name, value);
});

/** As on a machine without Debian's archive. */
async function findWithoutPackage(): Promise<FoundPebble> {
  return await withTempFolder(async (folder) => {
    const env = { PATH: folder, XDG_CACHE_HOME: folder };
    const unpack = async (): Promise<void> => {
      await Promise.reject(new Error("no Debian archive in this machine's apt sources"));
    };
    return await findPebble({ env, unpack });
  });
}

/** The marks of containers of that process, running or not. */
async function containersOf(pid: number): Promise<readonly string[]> {
  const filter = ['--filter', `label=${startedBy}`, '--format', `{{.Label "${startedBy}"}}`];
  const marks = (await engine().docker('ps', '--all', ...filter)).split('\n');
  return marks.filter((mark) => mark.startsWith(`${pid}.`));
}

test('in a container it validates against our name server, and a certificate is issued', async () => {
  const from = await findWithoutPackage();
  expect(from).toEqual({ image });
  const world = await startWorld({ pebble: { from } });
  try {
    const result = await runLanacme(['issue', '--domain', 'nas.lan.example'], {
      env: { ...world.host.environment() },
    });
    expect(result).toMatchObject({ code: 0 });
    const file = join(world.host.stateDir, 'live/nas.lan.example/cert.pem');
    expect(new X509Certificate(await readFile(file)).subjectAltName).toBe('DNS:nas.lan.example');
    expect(world.dns.count('_acme-challenge.nas.lan.example', 'TXT')).toBeGreaterThan(0);
    expect((await world.counts()).acme).toMatchObject({ newOrder: 1, finalize: 1 });
    expect(await containersOf(process.pid)).toHaveLength(1);
  } finally {
    await world.stop();
  }
  expect(await containersOf(process.pid)).toEqual([]);
});

test('what a test that was killed has left is removed by the next', async () => {
  const nobody = 2 ** 22 + 1;
  await engine().docker('create', '--label', `${startedBy}=${nobody}.1`, image, '-version');
  const world = await startWorld({ pebble: { from: { image } } });
  await world.stop();
  expect(await containersOf(nobody)).toEqual([]);
});

test('an image that cannot run Pebble is an error with its last words', async () => {
  const { NODE_IMAGE } = await baseImages(engine());
  const failing = startWorld({ pebble: { from: { image: NODE_IMAGE } } });
  await expect(failing).rejects.toThrow(`Pebble (${NODE_IMAGE}) did not start: `);
  expect(await containersOf(process.pid)).toEqual([]);
});
