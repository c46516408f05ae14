import { describe, expect, it } from 'vitest';
import { isLong, longTestMs } from '../support/long-form.ts';
import { memoryFolder, withTempFolder } from '../support/temp-folder.ts';
import { liveYears, type Years, type YearsOptions } from './years.ts';
import { brokenPromises, inWords, yearsFigures } from './years-judged.ts';

async function live(options: Omit<YearsOptions, 'folder'>): Promise<Years> {
  return await withTempFolder(
    async (folder) => await liveYears({ ...options, folder }),
    'years',
    memoryFolder(),
  );
}

/** Of each certificate, 400 days have several renewals, and troubles of every kind. */
const [days, seeds, batteries] = isLong
  ? [400, [1, 2, 3, 4, 5], [true, false] as const]
  : [40, [1], [false] as const];

describe.each(batteries)(
  `${days} days, with outages, kills and stops; a clock with a battery: %s`,
  (hasBattery) => {
    it.each(seeds)(
      'keep every promise (seed %i)',
      async (seed) => {
        const years = await live({ seed, days, hasBattery });
        const figures = yearsFigures(years);
        process.stdout.write(`${inWords(seed, figures)}\n`);
        expect(brokenPromises(years)).toEqual([]);
        // Of three certificates the CA is asked every six hours, which takes its directory too; the rest is for orders.
        expect(figures.acme.mean).toBeLessThanOrEqual(3 * 4 * 2);
        expect(figures.route53.mean).toBeLessThanOrEqual(3);
      },
      longTestMs,
    );
  },
);

it('the same seed gives the same days', async () => {
  const [one, other] = [
    await live({ seed: 7, days: 12, hasBattery: true }),
    await live({ seed: 7, days: 12, hasBattery: true }),
  ];
  const told = ({ runs }: Years) =>
    runs.map(({ errors, ...run }) => ({ ...run, codes: errors.map(({ code }) => code) }));
  expect(told(one)).toEqual(told(other));
});
