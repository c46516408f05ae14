import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fullPace, type Pace, slowDown, takeTurn } from '../../src/core/pacing.ts';

type Operation = Parameters<typeof takeTurn>[1];

/** The waits of requests that all ask at one instant. */
function waitsAt(nowMs: number, pace: Pace, operations: readonly Operation[]): readonly number[] {
  let current = pace;
  return operations.map((operation) => {
    const taken = takeTurn(current, operation, nowMs);
    current = taken.pace;
    return Math.round(taken.waitMs);
  });
}

const polls = (count: number): readonly Operation[] => Array.from({ length: count }, () => 'GetChange');

describe('the pace of Route 53 requests', () => {
  it('is five at once, then five a second', () => {
    expect(waitsAt(0, fullPace(0), polls(8))).toEqual([0, 0, 0, 0, 0, 200, 400, 600]);
  });

  it('saves up for no more than five at once', () => {
    expect(waitsAt(3_600_000, fullPace(0), polls(6))).toEqual([0, 0, 0, 0, 0, 200]);
  });

  it('lets a change follow its read at once, however many wait', () => {
    const operations = [
      ...polls(4),
      'ListResourceRecordSets',
      'ChangeResourceRecordSets',
      'ChangeResourceRecordSets',
    ] as const;
    expect(waitsAt(0, fullPace(0), operations).slice(4)).toEqual([200, 200, 400]);
  });

  it('takes the token of one change for several reads', () => {
    const operations = ['ListResourceRecordSets', 'ListResourceRecordSets', 'GetChange'] as const;
    const { pace } = takeTurn(fullPace(0), 'ListResourceRecordSets', 0);
    expect(pace.tokens).toBe(3);
    expect(waitsAt(0, pace, operations)).toEqual([0, 0, 0]);
  });

  it('falls to half when Route 53 throttles, with nothing saved up, and not below 0.2 a second', () => {
    let pace = fullPace(0);
    const rates = Array.from({ length: 7 }, (_, index) => {
      pace = slowDown({ ...pace, rate: index === 0 ? 5 : pace.rate }, index * 500);
      return pace.rate;
    });
    expect(rates[0]).toBe(2.5);
    expect(rates.at(-1)).toBeLessThan(0.3);
    expect(waitsAt(0, slowDown(fullPace(0), 0), polls(2))).toEqual([400, 800]);
    for (let nowMs = 4_000; nowMs < 20_000; nowMs += 500) pace = slowDown(pace, nowMs);
    expect(pace.rate).toBeGreaterThanOrEqual(0.2);
  });

  it('falls once for requests that were throttled together', () => {
    const once = slowDown(fullPace(0), 0);
    expect(slowDown(slowDown(once, 100), 200).rate).toBeCloseTo(once.rate, 1);
  });

  it('recovers slowly: in a minute, and no sooner than in half of one', () => {
    let pace = fullPace(0);
    for (let nowMs = 0; nowMs < 10_000; nowMs += 500) pace = slowDown(pace, nowMs);
    const later = (nowMs: number): number => takeTurn(pace, 'GetChange', nowMs).pace.rate;
    expect(later(40_000)).toBeLessThan(5);
    expect(later(60_000)).toBe(5);
  });

  it('earns nothing from a clock that is set back', () => {
    const { pace } = takeTurn(fullPace(1_000_000), 'GetChange', 0);
    expect(pace).toMatchObject({ rate: 5, tokens: 4 });
  });

  it('never lets more go within any time than five and five a second, whatever asks', () => {
    const operation = fc.constantFrom<Operation>(
      'GetChange',
      'ListResourceRecordSets',
      'ChangeResourceRecordSets',
    );
    const steps = fc.array(fc.tuple(operation, fc.nat(2_000), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (asked) => {
        let pace = fullPace(0);
        let nowMs = 0;
        const sentAt = asked.map(([name, gapMs, isThrottled]) => {
          nowMs += gapMs;
          const taken = takeTurn(pace, name, nowMs);
          pace = isThrottled ? slowDown(taken.pace, nowMs) : taken.pace;
          return nowMs + taken.waitMs;
        });
        return sentAt.every((from) =>
          sentAt.every((to) => {
            const within = sentAt.filter((at) => at >= from && at <= to).length;
            // The one more is the change whose token its read has taken earlier.
            return to < from || within <= 5 + 1 + ((to - from) / 1000) * 5 + 1e-6;
          }),
        );
      }),
    );
  });
});
