import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caLimits } from '../../src/core/ca-limits.ts';
import type { Domain } from '../../src/core/names.ts';
import { asLanacmeErrors } from '../../src/errors.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;
const hour = 3600_000;

beforeEach(async () => {
  folder = await makeTempFolder('ledger', memoryFolder());
  world = new IssueWorld(folder.path);
  world.limits = caLimits('letsencrypt', '');
});
afterEach(async () => {
  await folder.remove();
});

const kinds = async (): Promise<readonly string[]> =>
  (await world.ledgers.read(world.ca.directoryUrl)).map(({ kind }) => kind);

/** Each forced, and each too early to be exempt. */
async function issueOften(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await world.issue({ force: true });
    world.clock.move(hour);
  }
}

describe('the sixth certificate for the same names within a week', () => {
  it('is refused with not one request to the CA, says when, and --force changes nothing', async () => {
    await issueOften(5);
    const asked = world.ca.calls.length;
    const now = world.clock.now().getTime();
    const errors = asLanacmeErrors(await world.issue({ force: true }).catch((error: unknown) => error));
    expect(errors).toMatchObject([{ code: 'ledger.limit-reached', outcome: 'wait' }]);
    expect(world.ca.calls).toHaveLength(asked);
    const retryAt = errors[0]?.retryAt?.getTime() ?? 0;
    expect(retryAt - now).toBeGreaterThan(28 * hour);
    expect(retryAt - now).toBeLessThan(29 * hour);
    world.clock.move(retryAt - now);
    expect((await world.issue({ force: true })).issued).toBe(true);
  });

  it('is not refused for other names, nor by a CA whose limits are not known', async () => {
    await issueOften(5);
    const domains = ['other.lan.example'] as readonly string[] as readonly Domain[];
    expect((await world.issue({ force: true, spec: { domains } })).issued).toBe(true);
    world.limits = {};
    expect((await world.issue({ force: true })).issued).toBe(true);
  });
});

describe('the ledger', () => {
  it('counts the first order and its certificate; of a renewal the certificate', async () => {
    await world.issue();
    expect(await kinds()).toEqual(['order', 'certificate']);
    await world.issue({ force: true });
    expect(await kinds()).toEqual(['order', 'certificate', 'certificate']);
  });

  it('counts nothing that comes within the window which the CA suggests', async () => {
    const { record } = await world.issue();
    world.clock.move(Date.parse(record?.ari?.renewAt ?? '') - world.clock.now().getTime());
    expect((await world.issue()).issued).toBe(true);
    expect(world.ca.ordered.at(-1)?.isExempt).toBe(true);
    // Nothing was entered since.
    expect(await kinds()).toEqual(['order', 'certificate']);
  });

  it('counts an order that is not exempt since the CA did not like its predecessor', async () => {
    const { record } = await world.issue();
    world.clock.move(Date.parse(record?.ari?.renewAt ?? '') - world.clock.now().getTime());
    world.ca.refuse('newOrder', acmeProblem('alreadyReplaced', 'replaced', { status: 409 }));
    await world.issue();
    expect(await kinds()).toEqual(['certificate']);
  });

  it('counts each name that fails to validate, and bars the next order after five', async () => {
    world.ca.authorizations.validate = () => acmeProblem('dns', 'SERVFAIL');
    for (let round = 0; round < 5; round += 1) {
      await expect(world.issue()).rejects.toMatchObject({ code: 'acme.challenge-failed' });
    }
    expect((await kinds()).filter((kind) => kind === 'failed-validation')).toHaveLength(5);
    const asked = world.ca.calls.length;
    await expect(world.issue()).rejects.toMatchObject({ code: 'ledger.limit-reached' });
    expect(world.ca.calls).toHaveLength(asked);
  });

  it('is kept for no CA whose limits are not known', async () => {
    world.limits = {};
    await world.issue();
    expect(await readdir(world.stateDir)).not.toContain('ledger');
  });

  it('is a file of this host alone, named after the CA', async () => {
    await world.issue();
    expect(await readdir(join(world.stateDir, 'ledger'))).toEqual([
      expect.stringMatching(/^ca\.example-[0-9a-f]{8}\.json$/),
    ]);
  });

  it('that cannot be kept costs no certificate that is there already', async () => {
    const save = world.ledgers.save.bind(world.ledgers);
    let saves = 0;
    world.ledgers.save = async (...given) => {
      saves += 1;
      if (saves === 2) throw new Error('disk full');
      await save(...given);
    };
    expect((await world.issue()).issued).toBe(true);
    expect(world.log.lines).toContainEqual(
      expect.stringMatching(/^warn: the ledger of .+ could not be kept: disk full$/),
    );
  });
});
