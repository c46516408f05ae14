import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AcmeProblem } from '../../src/core/acme-objects.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;

beforeEach(async () => {
  folder = await makeTempFolder('place-order', memoryFolder());
  world = new IssueWorld(folder.path);
  await world.issue();
});
afterEach(async () => {
  await folder.remove();
});

const replaces = (): readonly (string | undefined)[] =>
  world.ca.ordered.map(({ request }) => request.replaces);
const idOf = (version: number): string => world.ca.issued[version - 1]?.ariId ?? '';
const orders = (): number => world.ca.calls.filter((call) => call === 'newOrder').length;
const warnings = (): readonly string[] => world.log.lines.filter((line) => line.startsWith('warn'));

describe('an order', () => {
  it('of a new certificate replaces none; the id by which the CA knows that is kept', async () => {
    expect(replaces()).toEqual([undefined]);
    const record = await world.certificates.record(name);
    expect(record?.installed).toMatchObject({ certId: idOf(1), account: world.ca.accounts.urls()[0] });
  });

  it('that follows names its predecessor, and is exempt within the window of that', async () => {
    const drawn = (await world.certificates.record(name))?.ari?.renewAt ?? '';
    world.clock.move(Date.parse(drawn) - world.clock.now().getTime());
    await world.issue();
    expect(world.ca.ordered.at(-1)).toMatchObject({ request: { replaces: idOf(1) }, isExempt: true });
    expect(warnings()).toEqual([]);
  });

  it('names each predecessor once, over generations', async () => {
    await world.issue({ force: true });
    await world.issue({ force: true });
    expect(replaces()).toEqual([undefined, idOf(1), idOf(2)]);
  });

  it.each<[string, AcmeProblem]>([
    ['was replaced already', acmeProblem('alreadyReplaced', 'replaced', { status: 409 })],
    ['is of another account', acmeProblem('unauthorized', 'not yours', { status: 403 })],
    ['is not known any more', acmeProblem('malformed', 'not found', { status: 404 })],
    ['is more than the CA can bear', acmeProblem('serverInternal', 'oops', { status: 500 })],
  ])('is tried once more without a predecessor that %s', async (_, refusal) => {
    const before = orders();
    world.ca.refuse('newOrder', refusal);
    expect((await world.issue({ force: true })).issued).toBe(true);
    expect(orders() - before).toBe(2);
    expect(replaces()).toEqual([undefined, undefined]);
    expect(warnings()).toEqual([
      expect.stringMatching(/^warn: ordering again, without naming the certificate that is replaced: /),
    ]);
  });

  it('is not tried again if the second is refused too', async () => {
    const before = orders();
    world.ca.refuse('newOrder', acmeProblem('malformed', 'no', { status: 400 }));
    world.ca.refuse('newOrder', acmeProblem('rejectedIdentifier', 'never', { status: 400 }));
    await expect(world.issue({ force: true })).rejects.toMatchObject({ code: 'acme.name-rejected' });
    expect(orders() - before).toBe(2);
  });

  it('is not tried again after a rate limit: that waits', async () => {
    const before = orders();
    world.ca.refuse('newOrder', acmeProblem('rateLimited', 'too many', { status: 429 }), 3600_000);
    await expect(world.issue({ force: true })).rejects.toMatchObject({ code: 'acme.rate-limited' });
    expect(orders() - before).toBe(1);
  });

  it('of an account that is not the old one any more names no predecessor', async () => {
    world.ca.accounts.forget();
    expect((await world.issue({ force: true })).issued).toBe(true);
    expect(replaces()).toEqual([undefined, undefined]);
    // What the CA refused was the account.
    expect(warnings()).toEqual([expect.stringMatching(/does not know account .+ any more/)]);
  });
});
