/** The world of `issue` and `renew`, with weather: Let's Encrypt's lifetimes and limits, outages, a clock of the host's own. */
import { caLimits } from '../../src/core/ca-limits.ts';
import { type ErrorCode, LanacmeError } from '../../src/errors.ts';
import type { IssuePorts } from '../../src/flows/issue-request.ts';
import type { Random } from '../../src/ports.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import type { FakeProfile } from '../fakes/acme-server.ts';
import { IssueWorld } from './issue-world.ts';
import {
  type Climate,
  dayMs,
  during,
  HostClock,
  hourMs,
  makeWeather,
  type Spell,
  type Trouble,
  type Weather,
} from './weather.ts';

/** In 2026: how long authorizations can be used again, and may stay unfinished. */
const profiles: Readonly<Record<string, FakeProfile>> = {
  classic: profile('ninety days', 90 * dayMs, 7 * dayMs),
  tlsserver: profile('forty-five days', 45 * dayMs, hourMs),
  shortlived: profile('six days', 160 * hourMs, hourMs),
};

function profile(description: string, validityMs: number, pendingMs: number): FakeProfile {
  return { description, validityMs, pendingMs, reuseMs: 7 * hourMs };
}

export const hook = 'reload nginx';

export class TroubledWorld extends IssueWorld {
  /** When the CA refused an order and said until when it wants none. */
  readonly refused: number[] = [];
  readonly weather: Weather;
  readonly #random: Random;
  readonly #hostClock: HostClock;

  constructor(folder: string, random: Random, { days, hasBattery }: Omit<Climate, 'from'>) {
    super(folder, { profiles });
    this.limits = caLimits('letsencrypt', this.ca.directoryUrl);
    this.#random = random;
    this.weather = makeWeather(random, { from: this.now(), days, hasBattery });
    this.#hostClock = new HostClock(this.clock, this.weather.clockOffsetMs);
    this.ca.before = (call) => {
      this.#failDuring('the CA is down', 'acme.unreachable');
      if (call === 'newOrder') this.#refuseOrder();
    };
    this.route53.before = () => {
      this.#failDuring('AWS is down', 'route53.unreachable');
      // AWS bears five minutes.
      if (this.isClockWrong()) throw failure('route53.clock-skew');
    };
  }

  /** The true time, in milliseconds since 1970. */
  now(): number {
    return this.clock.now().getTime();
  }

  override ports(): IssuePorts {
    return { ...super.ports(), clock: this.#hostClock, random: this.#random };
  }

  /** What is as it is for a whole run. */
  beginRun(): void {
    this.ca.clockOffsetMs = -this.weather.clockOffsetMs(this.now());
    if (this.isNow('the hook fails')) this.hooks.failing.set(hook, failure('hook.failed'));
    else this.hooks.failing.clear();
  }

  isNow(trouble: Trouble): boolean {
    return this.#spellNow(trouble) !== undefined;
  }

  isClockWrong(): boolean {
    return this.weather.clockOffsetMs(this.now()) !== 0;
  }

  #failDuring(trouble: Trouble, code: ErrorCode): void {
    if (this.isNow(trouble)) throw failure(code);
  }

  /** With the instant from which on it takes orders again. */
  #refuseOrder(): void {
    const spell = this.#spellNow('the CA takes no orders');
    if (spell === undefined) return;
    this.refused.push(this.now());
    const problem = acmeProblem('rateLimited', 'too many new orders recently');
    this.ca.refuse('newOrder', problem, spell.to - this.now());
  }

  #spellNow(trouble: Trouble): Spell | undefined {
    return during(this.weather.spells, { from: this.now() }).find((spell) => spell.trouble === trouble);
  }
}

function failure(code: ErrorCode): LanacmeError {
  return new LanacmeError(code, `as it is now: ${code}`, { hint: 'wait' });
}
