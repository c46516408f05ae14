/**
 * Faults, done to the built program: one for each way to end, and in the long form every one. What a run sees has to be
 * what the table in the repository says.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isLong } from '../../support/long-form.ts';
import { caFaults } from './ca.ts';
import { iotFaults } from './credentials-iot.ts';
import { rolesAnywhereFaults } from './credentials-roles-anywhere.ts';
import type { FaultRow } from './fault-row.ts';
import { runFault } from './fault-row.ts';
import { type FaultFamilies, oneOfEachEnd, oneOfEachExit } from './fault-sample.ts';
import { renderTable, type TableLine, tableLine, tableRow } from './fault-table.ts';
import { fileFaults } from './files.ts';
import { Lanes } from './lane.ts';
import { route53Faults } from './route53.ts';

/** What is the same for every identity: the table says it once, and a run for another one has to see just that. */
const ofAnyIdentity: FaultFamilies = {
  'Route 53': route53Faults,
  'The CA': caFaults,
  'Files of this host': fileFaults,
};
const rolesAnywhere = 'Credentials: Roles Anywhere';
const isForOneIdentity = process.env['TEST_IDENTITY'] !== undefined;
const families: FaultFamilies = isForOneIdentity
  ? ofAnyIdentity
  : { 'Credentials: IoT': iotFaults, [rolesAnywhere]: rolesAnywhereFaults, ...ofAnyIdentity };
const sampleOf = isForOneIdentity ? oneOfEachExit : oneOfEachEnd;
const done = Object.entries(isLong ? families : sampleOf(families));

let lanes: Lanes;
let rolesAnywhereLanes: Lanes;
beforeAll(async () => {
  lanes = await Lanes.start(2);
  rolesAnywhereLanes = isForOneIdentity ? lanes : await Lanes.start(1, 'roles-anywhere');
});
afterAll(async () => {
  await lanes.stop();
  if (rolesAnywhereLanes !== lanes) await rolesAnywhereLanes.stop();
});

const seen = new Map<string, TableLine>();
const keyOf = (family: string, { fault }: FaultRow): string => `${family}: ${fault}`;

describe.for(done)('%s', { concurrent: true }, ([family, rows]) => {
  test.for(rows)('$fault', async (row, { expect }) => {
    await (family === rolesAnywhere ? rolesAnywhereLanes : lanes).use(async (lane) => {
      const outcome = await runFault(row, lane).finally(() => {
        // What is left of a row that went wrong is not the next one's.
        lane.mend();
        lane.forget();
      });
      seen.set(keyOf(family, row), tableLine(row, outcome, lane));
      const { errors, exit, leftovers, pair, unused, requests, result } = outcome;
      const told = result.stderr;
      expect
        .soft({ codes: errors.map(({ code }) => code), exit }, told)
        .toEqual({ codes: row.codes, exit: row.exit });
      expect.soft(leftovers, told).toEqual(row.leftovers ?? []);
      expect.soft(pair, told).toBe(row.pair ?? defaultPair(row));
      expect.soft(unused, 'a fault that never struck').toEqual([]);
      expect.soft(requests, told).toMatchObject(row.requests ?? {});
      for (const { hint } of errors) expect.soft(hint).toMatch(/^\S.{10}/);
      const said = errors.map(({ message, details = [] }) => [message, ...details].join('\n'));
      if (row.says !== undefined) expect.soft(said.join('\n')).toMatch(row.says);
      for (const { code, message, retryAt = 'none' } of row.exit === 75 ? errors : []) {
        expect.soft(message, 'a time').toMatch(/\d{4}-\d\d-\d\dT/);
        // Nobody knows when another run will end.
        if (code !== 'state.locked') expect.soft(message).toContain(retryAt.replace('.000Z', 'Z'));
      }
    });
  });
});

function defaultPair({ exit, before }: FaultRow): FaultRow['pair'] {
  if (exit === 0) return 'new';
  return before === 'nothing' ? 'none' : 'unchanged';
}

test.for(Object.entries(families))('%s: every fault has a name of its own', ([, rows]) => {
  const names = rows.map(({ fault }) => fault);
  expect(new Set(names).size).toBe(names.length);
});

test('the table in the repository is what this run has seen', async () => {
  const lines = new Map(
    done.map(([family, rows]) => [
      family,
      rows.flatMap((row) => {
        const line = seen.get(keyOf(family, row));
        return line === undefined ? [] : [line];
      }),
    ]),
  );
  if (isLong && !isForOneIdentity) await expect(renderTable(lines)).toMatchFileSnapshot('TABLE.md');
  const table = (await readFile(join(import.meta.dirname, 'TABLE.md'), 'utf8')).split('\n');
  expect(table).toEqual(expect.arrayContaining([...lines.values()].flat().map(tableRow)));
});
