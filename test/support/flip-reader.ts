/**
 * Reads key and chain of a certificate, thousands of times a second, until standard input ends, then tells what it saw: `once` as
 * who resolves the link and reads below that, `twice` as a server that opens two configured paths, `combined` as one
 * that opens one.
 * once|twice|combined FOLDER PAIRS.json
 */
import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isCombined, isPair, type KnownPairs } from './known-pairs.ts';

/** What a reader saw. */
export interface FlipReport {
  readonly reads: number;
  /** Versions seen. */
  readonly versions: number;
  /** Key and chain of different pairs, or a file that was not whole. */
  readonly mismatches: number;
  /** Of these, how many a further read found again although nothing had flipped meanwhile. */
  readonly lasting: number;
}

const [kind = '', stateDir = '', pairsFile = ''] = process.argv.slice(2);
const live = join(stateDir, 'live', 'lan.example');
const pairs = JSON.parse(readFileSync(pairsFile, 'utf8')) as KnownPairs;

function readMatches(): boolean {
  if (kind === 'combined') return isCombined(pairs, readFileSync(join(live, 'combined.pem'), 'utf8'));
  const folder = kind === 'once' ? realpathSync(live) : live;
  const privkey = readFileSync(join(folder, 'privkey.pem'), 'utf8');
  return isPair(pairs, privkey, readFileSync(join(folder, 'fullchain.pem'), 'utf8'));
}

/** Reads again until no flip came in between: what such a read finds is what stays. */
function lasts(): boolean {
  for (;;) {
    const before = readlinkSync(live);
    const matches = readMatches();
    if (matches || readlinkSync(live) === before) return !matches;
  }
}

let [reads, mismatches, lasting] = [0, 0, 0];
const versions = new Set<string>();

function readSome(): void {
  for (let read = 0; read < 8; read += 1) {
    versions.add(readlinkSync(live));
    reads += 1;
    if (readMatches()) continue;
    mismatches += 1;
    if (lasts()) lasting += 1;
  }
  // Two readers at full speed would leave the writer no core of two.
  if (!hasEnded) setTimeout(readSome, 1);
}

let hasEnded = false;
process.stdin.resume().on('end', () => {
  hasEnded = true;
  const report: FlipReport = { reads, versions: versions.size, mismatches, lasting };
  process.stdout.write(JSON.stringify(report));
});
process.stdout.write('reading\n');
readSome();
