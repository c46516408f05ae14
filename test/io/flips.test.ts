/** Readers in processes of their own while a writer flips thousands of times and is killed in the middle of it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseCertificateName } from '../../src/core/names.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { bundleProgram } from '../support/bundle.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { killWithUs } from '../support/child-process.ts';
import type { FlipReport } from '../support/flip-reader.ts';
import { isLong, longTestMs } from '../support/long-form.ts';
import { treeOf } from '../support/modes.ts';

const name = parseCertificateName('lan.example');
const [flipsWanted, kills] = isLong ? [2_000, 100] : [150, 10];
/** Same seed, same numbers of flips before each kill and same delays after them. */
const seed = 20_261_122;

let folder: string;
let stateDir: string;
let pairsFile: string;
const pairs = await Promise.all([makeCertificateFiles(), makeCertificateFiles(), makeCertificateFiles()]);

beforeAll(async () => {
  // A process that dies loses nothing that it gave to the kernel: thousands of fsyncs would prove no more.
  const memory = '/dev/shm';
  folder = await mkdtemp(join(existsSync(memory) ? memory : tmpdir(), 'lanacme-flips-'));
  [stateDir, pairsFile] = [join(folder, 'state'), join(folder, 'pairs.json')];
  await writeFile(pairsFile, JSON.stringify(pairs));
  await store().install(name, pairs[0], { combined: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const store = (): FileCertificateStore => new FileCertificateStore(stateDir);

test(
  `${flipsWanted} flips and ${kills} kills: who resolves the link once, or opens one file, never sees a pair that does not match`,
  async () => {
    const [writer, reader] = [
      await bundleProgram('flip-writer', folder),
      await bundleProgram('flip-reader', folder),
    ];
    const [resolving, opening, openingOne] = await Promise.all([
      startReader(reader, 'once'),
      startReader(reader, 'twice'),
      startReader(reader, 'combined'),
    ]);
    const random = randomOf(seed);
    let flips = 0;
    for (let round = 0; round < kills; round += 1) {
      // On average a twentieth of the flips of all rounds more than needed.
      const enough = (flipsWanted / kills) * (0.55 + random());
      flips += await flipUntilKilled(writer, Math.round(enough), random() * 6);
    }
    const [once, twice] = [await resolving.report(), await opening.report()];
    const combined = await openingOne.report();
    process.stdout.write(
      `${flips} flips, ${kills} kills; resolving once: ${told(once)}; two opens: ${told(twice)}; combined.pem: ${told(combined)}\n`,
    );
    expect(flips).toBeGreaterThanOrEqual(flipsWanted);
    expect(once).toMatchObject({ mismatches: 0, lasting: 0 });
    expect(combined).toMatchObject({ mismatches: 0, lasting: 0 });
    expect(twice.lasting).toBe(0);
    for (const { versions } of [once, twice, combined]) expect(versions).toBeGreaterThan(kills);
  },
  longTestMs,
);

test('after all the kills the next installation finds its place, and nothing half-written is left', async () => {
  const installed = await store().install(name, pairs[1]);
  expect(await readFile(join(installed.path, 'privkey.pem'), 'utf8')).toBe(pairs[1].privkey);
  expect(await store().live(name)).toEqual(installed);
  expect(Object.keys(await treeOf(stateDir)).filter((path) => path.includes('.tmp~'))).toEqual([]);
});

/** Counts the flips of a writer that is killed a moment after it has said so many. */
async function flipUntilKilled(program: string, enough: number, delayMs: number): Promise<number> {
  const child = spawn(process.execPath, [program, stateDir, pairsFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const letGo = killWithUs(child);
  const closed = once(child, 'close');
  let flips = 0;
  createInterface(child.stdout).on('line', () => {
    flips += 1;
    // Into the middle of a later installation: where in it is up to the seed and to the machine.
    if (flips === enough) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  expect(await closed).toEqual([null, 'SIGKILL']);
  letGo();
  return flips;
}

interface Reader {
  report(): Promise<FlipReport>;
}

async function startReader(program: string, kind: 'once' | 'twice' | 'combined'): Promise<Reader> {
  const child = spawn(process.execPath, [program, kind, stateDir, pairsFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  killWithUs(child);
  const lines = createInterface(child.stdout);
  await once(lines, 'line');
  return {
    async report() {
      // A reader that has failed has closed it already.
      const line = Promise.race([once(lines, 'line'), once(lines, 'close')]);
      child.stdin.end();
      return JSON.parse(String(await line)) as FlipReport;
    },
  };
}

/** For people. */
function told({ reads, versions, mismatches, lasting }: FlipReport): string {
  return `${reads} reads of ${versions} versions, ${mismatches} mismatches (${lasting} of them at the next read, too)`;
}

/** Numbers in [0, 1) that are the same for the same seed (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
