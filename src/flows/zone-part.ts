import type { JournalRecord } from '../core/journal.ts';
import type { ZoneGoal } from '../core/zone-change.ts';
import { allAborted } from './all-aborted.ts';
import { allOf } from './all-of.ts';
import type { ZoneOrder } from './zone-order.ts';

/** An order at some of its names: what goes into one batch. */
export interface ZonePart {
  readonly order: ZoneOrder;
  readonly goal: ZoneGoal;
  readonly records: readonly JournalRecord[];
}

/** Whether the order still wants it. */
export function isWanted({ order }: ZonePart): boolean {
  return !order.isOver;
}

/** Ends with the last order that wants it. */
export async function whileWanted<T>(
  parts: readonly ZonePart[],
  body: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, release } = allAborted(parts.map(({ order }) => order.signal));
  try {
    signal.throwIfAborted();
    return await body(signal);
  } finally {
    release();
  }
}

export async function tellAccepted(parts: readonly ZonePart[], changeId: string | undefined): Promise<void> {
  await allOf(
    parts.map(async ({ order, records }) => {
      await order.accept({ records, changeId });
    }),
  );
}

/** For the administrator who looks at the zone's history: `lanacme a, b; clean-up of c`. */
export function commentOn(parts: readonly ZonePart[]): string {
  const certificates = (goal: ZoneGoal): string =>
    [...new Set(parts.filter((part) => part.goal === goal).map(({ order }) => order.certificate))].join(', ');
  const [added, removed] = [certificates('present'), certificates('absent')];
  if (removed === '') return `lanacme ${added}`;
  return added === '' ? `lanacme ${removed}, clean-up` : `lanacme ${added}; clean-up of ${removed}`;
}
