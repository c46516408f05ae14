import { afterEach, beforeEach, expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { dayMs } from '../fakes/acme-server.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;

/** A run by a clock that is five years ahead, with nobody there to tell: then the time is right again. */
beforeEach(async () => {
  folder = await makeTempFolder('correct-notes', memoryFolder());
  world = new IssueWorld(folder.path);
  await world.issue();
  await world.renew();
  world.ca.before = () => {
    throw new LanacmeError('acme.unreachable', 'no network yet', { hint: 'x' });
  };
  world.clock.move(5 * 365 * dayMs);
  expect(await codes()).toEqual(['acme.unreachable']);
  world.clock.move(-5 * 365 * dayMs);
});
afterEach(async () => {
  await folder.remove();
});

const codes = async (): Promise<readonly string[]> =>
  (await world.renew()).failures.map(({ error }) => error.code);
const isOrdered = (): boolean => world.ca.issued.length > 1;

it('what a clock that was ahead has noted is corrected once the CA shows the time: the next run goes on', async () => {
  world.ca.before = () => undefined;
  expect(await codes()).toEqual(['clock.wrong']);
  expect(world.log.lines).toContainEqual(
    expect.stringMatching(/^warn: the CA's clock shows this host's time/),
  );
  expect(await codes()).toEqual([]);
  expect(isOrdered()).toBe(false);
  const { record } = await world.issue();
  world.clock.move(Date.parse(record?.ari?.renewAt ?? '') - world.clock.now().getTime());
  expect((await world.renew()).renewed).toEqual([name]);
});

it('it is not corrected while nobody shows the time, nor if the CA shows another', async () => {
  expect(await codes()).toEqual(['clock.wrong']);
  world.ca.before = () => undefined;
  world.ca.clockOffsetMs = 5 * 365 * dayMs;
  expect(await codes()).toEqual(['clock.wrong']);
  expect((await world.certificates.record(name))?.lastAttempt?.at).toMatch(/^2031/);
});
