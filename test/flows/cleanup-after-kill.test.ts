/**
 * An issue is killed at each of its calls in turn, before the call has its effect and after it; then `cleanup`. The zone
 * is as it was before, whoever else is at the names, in whichever style, and whether record sets may be listed or not. The
 * short form kills at each fourth call.
 */
import { describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { cleanUpHost } from '../../src/flows/clean-up-host.ts';
import { CountedPorts, type PortFault } from '../fakes/port-faults.ts';
import { accessDenied } from '../fakes/route53.ts';
import { longTestMs, sampled } from '../support/long-form.ts';
import { memoryFolder, withTempFolder } from '../support/temp-folder.ts';
import { diffSnapshots } from '../world/zone-store.ts';
import { IssueWorld, zone, zoneId } from './issue-world.ts';

const domains = ['lan.example', '*.lan.example', 'a.b.lan.example'] as readonly string[] as readonly Domain[];

const neighbours = {
  nobody: [],
  'a simple set': [{ ttl: 300, values: ['"theirs" "in two strings"', String.raw`"\303\274 \"Q\""`] }],
  'multivalue sets': ['"one"', '"two"'].map((value) => ({
    ttl: 60,
    values: [value],
    setIdentifier: value,
    multiValueAnswer: true,
  })),
} as const;

interface Scene {
  readonly theirs: keyof typeof neighbours;
  readonly canList: boolean;
}

function arrange(world: IssueWorld, { theirs, canList }: Scene): void {
  world.zones.delayMs = 2_000;
  world.ca.authorizations.validationMs = 500;
  world.ca.issuanceMs = 500;
  for (const set of neighbours[theirs]) {
    const recordSet = { name: '_acme-challenge.lan.example', type: 'TXT', ...set };
    world.zones.edit(zoneId, [{ action: 'CREATE', recordSet }]);
  }
  world.route53.before = (call) => {
    if (call === 'recordSets' && !canList) throw accessDenied('ListResourceRecordSets');
  };
}

/** What `cleanup` left, or how it failed; and how many calls the killed run had made. */
async function examine(
  scene: Scene,
  fault: Pick<PortFault, 'at' | 'when'>,
): Promise<{ readonly calls: readonly string[]; readonly wrong: readonly string[] }> {
  return await withTempFolder(
    async (folder) => {
      const world = new IssueWorld(folder);
      arrange(world, scene);
      const untouched = world.zones.snapshot(zoneId);
      const { ports, calls, death } = new CountedPorts(world.ports(), { ...fault, strike: () => 'die' });
      const { signal } = new AbortController();
      const run = world.issue({ spec: { domains } }, { ports, signal });
      await Promise.race([run, death]);
      world.lock.isHeld = false;
      const options = { zone: { zone, aliases: [] }, dryRun: false, timeoutMs: 600_000 };
      const { errors } = await cleanUpHost(options, world.ports(), signal);
      const left = [
        ...errors.map(({ message }) => message),
        ...diffSnapshots(untouched, world.zones.snapshot(zoneId)),
        ...(await world.journal.entries()).map(({ id }) => `the journal holds ${id}`),
      ];
      const where = `killed ${fault.when} call ${fault.at}, ${calls[fault.at - 1] ?? 'none'}`;
      return { calls, wrong: left.map((sentence) => `${where}: ${sentence}`) };
    },
    'killed',
    memoryFolder(),
  );
}

const scenes = (Object.keys(neighbours) as readonly (keyof typeof neighbours)[]).flatMap((theirs) =>
  [true, false].map((canList): Scene => ({ theirs, canList })),
);

describe('cleanup makes the zone byte-equal', () => {
  it.each(scenes)(
    'with $theirs at the name, listing allowed: $canList',
    async (scene) => {
      const { calls, wrong } = await examine(scene, { at: Infinity, when: 'after' });
      expect(wrong).toEqual([]);
      expect(calls).toContain('route53.change');
      const first = calls.indexOf('journal.save');
      const last = calls.lastIndexOf('journal.remove');
      const found: string[] = [];
      for (const number of sampled(last - first + 1, 4, scenes.indexOf(scene))) {
        const at = first + number;
        const isWrite = /^(route53\.change|journal\..*)$/.test(calls[at - 1] ?? '');
        // Elsewhere it is the same whether it dies after a call or before the next.
        for (const when of isWrite ? (['before', 'after'] as const) : (['after'] as const))
          found.push(...(await examine(scene, { at, when })).wrong);
      }
      expect(found).toEqual([]);
    },
    longTestMs,
  );
});
