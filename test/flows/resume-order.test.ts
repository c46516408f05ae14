import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IssueOutcome } from '../../src/flows/issue-request.ts';
import { CountedPorts } from '../fakes/port-faults.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name, type RequestOverrides } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;
beforeEach(async () => {
  folder = await makeTempFolder('resume', memoryFolder());
  world = new IssueWorld(folder.path);
});
afterEach(async () => {
  await folder.remove();
});

/** Runs until the first call of that name, and is killed there. */
async function killedAfter(call: string, overrides: RequestOverrides = {}): Promise<void> {
  const trial = new IssueWorld((await makeTempFolder('trial', memoryFolder())).path);
  const { ports: counted, calls } = new CountedPorts(trial.ports(), {
    at: 0,
    when: 'after',
    strike: () => undefined,
  });
  await trial.issue(overrides, { ports: counted });
  const at = calls.indexOf(call) + 1;
  expect(at).toBeGreaterThan(0);
  const { ports, death } = new CountedPorts(world.ports(), { at, when: 'after', strike: () => 'die' });
  await Promise.race([world.issue(overrides, { ports }), death]);
  world.lock.isHeld = false;
}

/** The next run, and the calls that it makes of the CA. */
async function nextRun(
  overrides: RequestOverrides = {},
): Promise<{ outcome: IssueOutcome; calls: readonly string[] }> {
  const { ports, calls } = new CountedPorts(world.ports(), { at: 0, when: 'after', strike: () => undefined });
  const outcome = await world.issue(overrides, { ports });
  return { outcome, calls: calls.filter((call) => call.startsWith('acme.')) };
}

describe('the order of a run that was killed', () => {
  it.each(['orders.save', 'acme.authorization', 'route53.change', 'acme.answerChallenge', 'orders.saveKey'])(
    'is gone on with after %s: no second one is made',
    async (call) => {
      await killedAfter(call);
      const { outcome, calls } = await nextRun();
      expect(outcome.issued).toBe(true);
      expect(calls).not.toContain('acme.newOrder');
      expect(calls).not.toContain('acme.createAccount');
    },
  );

  it.each(['acme.finalize', 'acme.certificate'])(
    'brings its certificate after %s, with the key that was kept',
    async (call) => {
      await killedAfter(call);
      const { outcome, calls } = await nextRun();
      expect(outcome.issued).toBe(true);
      expect(calls).not.toContain('acme.newOrder');
      expect(calls).not.toContain('acme.finalize');
    },
  );

  it('is forgotten with its key once the certificate is in place', async () => {
    await world.issue();
    expect(await world.orders.read(name)).toBeUndefined();
  });

  it('is left alone when something else is wanted now', async () => {
    await killedAfter('orders.save');
    const { outcome, calls } = await nextRun({ spec: { keyType: 'ec384' } });
    expect(outcome.issued).toBe(true);
    expect(calls).toContain('acme.newOrder');
  });

  it('is replaced when the key of its certificate is lost', async () => {
    await killedAfter('acme.finalize');
    const kept = await world.orders.read(name);
    await world.orders.save(kept!.order);
    const { outcome, calls } = await nextRun();
    expect(outcome.issued).toBe(true);
    expect(calls).toContain('acme.newOrder');
  });

  it('does not bring back the certificate that is in place already', async () => {
    // As if the run had died right before it noted that the order is done with.
    vi.spyOn(world.orders, 'remove').mockResolvedValueOnce(undefined);
    const first = await world.issue();
    const { outcome, calls } = await nextRun({ force: true });
    expect(outcome.issued).toBe(true);
    expect(calls).toContain('acme.newOrder');
    expect(outcome.facts?.serial).not.toBe(first.facts?.serial);
  });

  it('is no reason to have no certificate when its file is broken', async () => {
    await killedAfter('orders.save');
    await writeFile(join(world.stateDir, 'orders', `${name}.json`), '{');
    const { outcome } = await nextRun();
    expect(outcome.issued).toBe(true);
    expect(world.log.lines).toContainEqual(expect.stringMatching(/^warn: .*is not JSON; ordering anew$/));
  });
});
