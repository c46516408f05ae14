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

/** 400 days have more than one renewal of each certificate in every kind of trouble. */
const [days, seeds] = isLong ? [400, [1, 2, 3, 4, 5]] : [40, [1]];

describe.each([true, false])(
  `${days} days, with outages, kills and stops; a clock with a battery: %s`,
  (hasBattery) => {
    it.each(seeds)(
      'keep every promise (seed %i)',
      async (seed) => {
        const years = await live({ seed, days, hasBattery });
        process.stdout.write(`${inWords(seed, yearsFigures(years))}\n`);
        expect(brokenPromises(years)).toEqual([]);
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
