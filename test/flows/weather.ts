/** What befalls a host in its years: outages of others, its own ends and starts, and a clock that is wrong after them. */
import type { Clock, Random } from '../../src/ports.ts';

export const hourMs = 3600_000;
export const dayMs = 24 * hourMs;

export const troubles = [
  'the CA is down',
  'the CA takes no orders',
  'AWS is down',
  'the hook fails',
  'the host is off',
] as const;
export type Trouble = (typeof troubles)[number];

/** A time in which something is wrong, from and to in milliseconds since 1970. */
export interface Spell {
  readonly trouble: Trouble | 'the clock is wrong' | 'a run was killed';
  readonly from: number;
  readonly to: number;
}

export interface Climate {
  /** In milliseconds since 1970. */
  readonly from: number;
  /** The last one is without trouble. */
  readonly days: number;
  /** Whether the host has a battery for its clock: else that may be wrong for hours after a stop. */
  readonly hasBattery: boolean;
}

export interface Weather {
  readonly spells: readonly Spell[];
  /** By how much the host's clock is ahead at an instant; negative if it is slow. */
  readonly clockOffsetMs: (at: number) => number;
}

/**
 * Spells of up to thirty hours, at least half a day apart: what no client survives, a CA that is away for longer than a
 * certificate has left, is not among them.
 */
export function makeWeather(random: Random, { from, days, hasBattery }: Climate): Weather {
  const to = from + (days - 1) * dayMs;
  const spells: Spell[] = [];
  const offsets: (Spell & { readonly offsetMs: number })[] = [];
  const between = (least: number, most: number): number => least + random.number() * (most - least);
  let at = from + dayMs;
  for (;;) {
    at += between(0.5, 6) * dayMs;
    const end = at + (random.number() < 0.5 ? between(0.2, 4) : between(4, 30)) * hourMs;
    if (end > to) break;
    const trouble = pick(troubles, random);
    spells.push({ trouble, from: at, to: end });
    // Two things at once.
    if (random.number() < 0.3) spells.push({ trouble: pick(troubles, random), from: at, to: end });
    const isOff = spells.some((spell) => spell.from === at && spell.trouble === 'the host is off');
    if (isOff && !hasBattery && random.number() < 0.7) {
      const wrong = { trouble: 'the clock is wrong', from: end, to: end + between(0.2, 5) * hourMs } as const;
      spells.push(wrong);
      // What starts with the host may not be up yet.
      if (random.number() < 0.5) spells.push({ ...wrong, trouble: 'the hook fails' });
      offsets.push({ ...wrong, offsetMs: wrongBy(random, { stoppedAt: at, startedAt: end }) });
    }
    at = Math.max(at, end);
  }
  return {
    spells,
    clockOffsetMs: (at) => offsets.find((spell) => spell.from <= at && at < spell.to)?.offsetMs ?? 0,
  };
}

/** It goes on from where it was stopped (fake-hwclock), or from the beginning of time, or it is far ahead. */
function wrongBy(
  random: Random,
  { stoppedAt, startedAt }: { readonly stoppedAt: number; readonly startedAt: number },
): number {
  const kind = random.number();
  if (kind < 0.6) return stoppedAt - startedAt;
  if (kind < 0.8) return Date.parse('2000-01-01T00:00:00Z') - startedAt;
  return (20 + 300 * random.number()) * dayMs;
}

function pick<T>(among: readonly [T, ...T[]], random: Random): T {
  return among[Math.floor(random.number() * among.length)] ?? among[0];
}

export function during(
  spells: readonly Spell[],
  { from, to = from }: { readonly from: number; readonly to?: number },
): readonly Spell[] {
  return spells.filter((spell) => spell.from <= to && from < spell.to);
}

/** The clock of a host: the true time, and how far it is off. */
export class HostClock implements Clock {
  readonly #sky: Clock;
  readonly #offsetMs: (at: number) => number;

  constructor(sky: Clock, offsetMs: (at: number) => number) {
    this.#sky = sky;
    this.#offsetMs = offsetMs;
  }

  now(): Date {
    const now = this.#sky.now().getTime();
    return new Date(now + this.#offsetMs(now));
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#sky.sleep(milliseconds, signal);
  }

  deadline(milliseconds: number): AbortSignal {
    return this.#sky.deadline(milliseconds);
  }
}
