import { LanacmeError, SeveralErrors } from '../errors.ts';
import { plainSerial, type SessionEvent } from './cloudtrail-session.ts';
import { parseJson } from './json-text.ts';
import { parseTotpSeed, type TotpSeed } from './totp.ts';

/** The seeds of the hosts whose sessions are verified, by common name or serial of their certificates. */
export class SessionSeeds {
  readonly #seeds = new Map<string, TotpSeed[]>();

  /** @param written as the certificate has it, or with the `CN=` of CloudTrail's `sourceIdentity` before it. */
  add(written: string, seed: TotpSeed): void {
    const name = written.replace(/^(?:CN|ID)=/, '');
    this.#seeds.set(name, [...(this.#seeds.get(name) ?? []), seed]);
  }

  /** Of whom AWS let in; by the common name if that is listed, else by the serial. Several while a seed is replaced. */
  of({ commonName, serial }: Pick<SessionEvent, 'commonName' | 'serial'>): readonly TotpSeed[] {
    const named = commonName === null ? undefined : this.#seeds.get(commonName);
    return named ?? (serial === null ? [] : this.#ofSerial(serial));
  }

  /** Written as openssl, AWS or a browser do. */
  #ofSerial(serial: string): readonly TotpSeed[] {
    return [...this.#seeds].flatMap(([name, seeds]) =>
      isHex(name) && plainSerial(name) === serial ? seeds : [],
    );
  }
}

function isHex(name: string): boolean {
  return /^[0-9A-Fa-f:]+$/.test(name);
}

/**
 * Reads a list of seeds, one `NAME SEED` a line: NAME is a certificate's common name (it may hold spaces) or its serial
 * in hex, SEED is base32. Empty lines and those that begin with `#` say nothing. A name may have several lines. What
 * begins with `{` is read as JSON: NAME to SEED, or to a list of them.
 *
 * @param origin where the text stands, for messages, in which no seed is.
 * @throws SeveralErrors of `session.bad-seeds`, one for each line or name that is wrong.
 */
export function parseSessionSeeds(text: string, origin: string): SessionSeeds {
  const seeds = new SessionSeeds();
  const plain = text.replace(/^\uFEFF/, '');
  const entries = plain.trimStart().startsWith('{') ? jsonEntries(plain, origin) : lineEntries(plain, origin);
  const problems = entries.flatMap((entry) => addEntry(seeds, entry));
  if (problems.length > 0) throw new SeveralErrors(problems);
  return seeds;
}

interface SeedEntry {
  /** Where it stands, for messages. */
  readonly where: string;
  /** Undefined where the entry is not one. */
  readonly name: string | undefined;
  readonly seed: string | undefined;
}

function lineEntries(text: string, origin: string): readonly SeedEntry[] {
  return text.split('\n').flatMap((line, index) => {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) return [];
    const [, name, seed] = /^(\S.*?)\s+(\S+)$/.exec(entry) ?? [];
    return [{ where: `${origin}:${index + 1}`, name, seed }];
  });
}

function jsonEntries(text: string, origin: string): readonly SeedEntry[] {
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null) return [{ where: origin, name: undefined, seed: undefined }];
  return Object.entries(json).flatMap(([name, value]: [string, unknown], index) =>
    (Array.isArray(value) ? value : [value]).map((seed: unknown) => ({
      // By its number: where the two are the wrong way round, the name is the seed.
      where: `${origin}, entry ${index + 1},`,
      name,
      seed: typeof seed === 'string' ? seed : undefined,
    })),
  );
}

function addEntry(seeds: SessionSeeds, { where, name, seed }: SeedEntry): readonly LanacmeError[] {
  if (name === undefined || seed === undefined) return [badSeeds(`${where} is not NAME SEED`)];
  try {
    seeds.add(name, parseTotpSeed(seed, where));
    return [];
  } catch (error) {
    if (error instanceof LanacmeError) return [badSeeds(error.message, error)];
    throw error;
  }
}

function badSeeds(message: string, cause?: LanacmeError): LanacmeError {
  return new LanacmeError('session.bad-seeds', message, {
    hint: "write one line for each host: the common name of its certificate or its serial in hex, a space, and its seed in base32 as in the host's seed file",
    outcome: 'usage',
    cause,
  });
}
