import { LanacmeError, SeveralErrors } from '../errors.ts';
import { plainSerial, type SessionEvent } from './cloudtrail-session.ts';
import { parseTotpSeed, type TotpSeed } from './totp.ts';

/** The seeds of the hosts whose sessions are verified, by common name or serial of their certificates. */
export class SessionSeeds {
  readonly #seeds = new Map<string, TotpSeed[]>();

  add(name: string, seed: TotpSeed): void {
    this.#seeds.set(name, [...(this.#seeds.get(name) ?? []), seed]);
  }

  /** Of whom AWS let in; by the common name if that is known, else by the serial. Several while a seed is replaced. */
  of({ commonName, serial }: Pick<SessionEvent, 'commonName' | 'serial'>): readonly TotpSeed[] {
    return this.#named(commonName) ?? this.#serial(serial) ?? [];
  }

  #named(name: string | null): readonly TotpSeed[] | undefined {
    return name === null ? undefined : this.#seeds.get(name);
  }

  /** Written as openssl, AWS or a browser do. */
  #serial(serial: string | null): readonly TotpSeed[] | undefined {
    if (serial === null) return undefined;
    const found = [...this.#seeds].find(([name]) => isHex(name) && plainSerial(name) === serial);
    return found?.[1];
  }
}

function isHex(name: string): boolean {
  return /^[0-9A-Fa-f:]+$/.test(name);
}

/**
 * Reads a list of seeds, one `NAME SEED` a line: NAME is a certificate's common name (it may hold spaces) or its serial
 * in hex, SEED is base32. Empty lines and those that begin with `#` say nothing. A name may have several lines.
 *
 * @param origin where the text stands, for messages, in which no seed is.
 * @throws SeveralErrors of `session.bad-seeds`, one for each line that is wrong.
 */
export function parseSessionSeeds(text: string, origin: string): SessionSeeds {
  const seeds = new SessionSeeds();
  const problems = text.split('\n').flatMap((line, index) => addLine(seeds, line, `${origin}:${index + 1}`));
  if (problems.length > 0) throw new SeveralErrors(problems);
  return seeds;
}

function addLine(seeds: SessionSeeds, line: string, where: string): readonly LanacmeError[] {
  const entry = line.trim();
  if (entry === '' || entry.startsWith('#')) return [];
  const [, name, seed] = /^(\S.*?)\s+(\S+)$/.exec(entry) ?? [];
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
