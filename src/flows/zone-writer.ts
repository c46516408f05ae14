import { isCrowded, removalDelayMs } from '../core/contention.ts';
import type { JournalEntry, JournalRecord } from '../core/journal.ts';
import { allAborted } from './all-aborted.ts';
import { changeZone, type TargetZone, type ZoneAtHand, type ZonePorts } from './change-zone.ts';
import { mostOthers } from './read-again.ts';
import { type InSyncOutcome, waitInSync } from './wait-in-sync.ts';
import { type AcceptedPart, ZoneOrder } from './zone-order.ts';

/** How long a removal may wait for those of other orders: what came together ends together. */
const removalWindowMs = 5_000;

export interface PublishOptions {
  /** Longest race with other writers, and longest wait for INSYNC, in milliseconds. */
  readonly timeoutMs: number;
  /** Is told of each accepted change before anybody waits for it. */
  readonly accepted: (part: AcceptedPart) => Promise<void>;
}

export interface RemoveOptions {
  /** Longest race with other writers, in milliseconds. */
  readonly timeoutMs: number;
  /** Once it has aborted, somebody waits for the end: the removal waits for no others. */
  readonly hurry: AbortSignal;
}

/** Values that were asked to be in the zone, until they are taken back. */
interface Publication {
  readonly entry: JournalEntry;
  readonly order: ZoneOrder;
  outcome: InSyncOutcome;
}

interface Removal {
  readonly entry: JournalEntry;
  readonly order: ZoneOrder;
  readonly hurry: AbortSignal;
}

/** The time in which removals gather. */
interface GatheringWindow {
  isOver: boolean;
  readonly close: () => void;
}

/**
 * The only writer of a process to one hosted zone, shared by all its orders (group commit). One batch is in flight at a
 * time. What is to be published while a change is PENDING goes together into the next batch: the CA would have to wait
 * for both. A removal waits some seconds for those of the orders that are still under way, the last one for nobody.
 */
export class ZoneWriter {
  readonly zone: TargetZone;
  readonly #atHand: ZoneAtHand;
  readonly #ports: ZonePorts;
  /** Those that are not taken back, by the id of the journal's entry. */
  readonly #publications = new Map<string, Publication>();
  #toPublish: readonly Publication[] = [];
  #toRemove: readonly Removal[] = [];
  #isSending = false;
  #isPending = false;
  #window: GatheringWindow | undefined;

  constructor(zone: TargetZone, ports: ZonePorts) {
    this.zone = zone;
    this.#ports = ports;
    this.#atHand = { ...zone, known: new Map() };
  }

  /**
   * Brings the entry's values into the zone, and waits until all of Route 53's servers have them. The entry must be in
   * the journal. Whatever comes of it, `remove` takes back what may be in the zone.
   */
  async publish(entry: JournalEntry, options: PublishOptions, signal: AbortSignal): Promise<InSyncOutcome> {
    const order = new ZoneOrder({ ...entry, ...options, goal: 'present' }, signal);
    const publication: Publication = { entry, order, outcome: 'in-sync' };
    this.#publications.set(entry.id, publication);
    this.#toPublish = [...this.#toPublish, publication];
    this.#sendSoon();
    await endedOr(order, signal, () => true);
    return publication.outcome;
  }

  /**
   * Takes the entry's values out of the zone, but for those that another publication still needs. It counts once Route
   * 53 has accepted it. Returns whether anything of the entry may have been in the zone.
   *
   * @param signal the deadline
   */
  async remove(entry: JournalEntry, options: RemoveOptions, signal: AbortSignal): Promise<boolean> {
    const order = new ZoneOrder({ ...entry, ...options, goal: 'absent' }, signal);
    const removal: Removal = { entry, order, hurry: options.hurry };
    this.#toRemove = [...this.#toRemove, removal];
    const flush = (): void => {
      this.#sendSoon();
    };
    options.hurry.addEventListener('abort', flush, { once: true });
    this.#sendSoon();
    try {
      // A batch in flight tells best why it took too long.
      await endedOr(order, signal, () => this.#toRemove.includes(removal));
      return order.mayBeInZone;
    } finally {
      options.hurry.removeEventListener('abort', flush);
    }
  }

  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    void this.#sendWhatIsDue();
  }

  async #sendWhatIsDue(): Promise<void> {
    // What is asked for in one go goes together.
    await Promise.resolve();
    for (;;) {
      this.#dropWhatIsOver();
      const publications = this.#takePublications();
      const removals = this.#takeRemovals(publications.length > 0);
      if (publications.length === 0 && removals.length === 0) break;
      await this.#send(publications, removals);
    }
    this.#isSending = false;
  }

  #dropWhatIsOver(): void {
    this.#toPublish = this.#toPublish.filter(({ order }) => !order.isOver);
    for (const { entry, order } of this.#toRemove) {
      const publication = this.#publications.get(entry.id);
      order.mayBeInZone = publication?.order.mayBeInZone ?? true;
      if (order.mayBeInZone) continue;
      this.#publications.delete(entry.id);
      order.settle();
    }
    this.#toRemove = this.#toRemove.filter(({ order }) => !order.isOver);
  }

  #takePublications(): readonly Publication[] {
    if (this.#isPending) return [];
    const taken = this.#toPublish;
    this.#toPublish = [];
    return taken;
  }

  /** @param isSending whether there is a batch to go along with */
  #takeRemovals(isSending: boolean): readonly Removal[] {
    if (this.#toRemove.length === 0) return [];
    if (!isSending && this.#isWorthWaiting()) {
      this.#window ??= this.#openWindow();
      if (!this.#window.isOver) return [];
    }
    this.#window?.close();
    this.#window = undefined;
    const taken = this.#toRemove;
    this.#toRemove = [];
    for (const { entry, order } of taken) {
      this.#publications.delete(entry.id);
      order.leaveOut((record) => this.#isStillNeeded(record));
    }
    return taken.filter(({ order }) => !order.isOver);
  }

  /** Two certificates with a name in common prove it by one value: whoever is the last takes it out. */
  #isStillNeeded(record: JournalRecord): boolean {
    const others = [...this.#publications.values()].filter(({ entry }) =>
      entry.records.some(({ name, value }) => name === record.name && value === record.value),
    );
    for (const { order } of others) order.mayBeInZone = true;
    return others.length > 0;
  }

  #isWorthWaiting(): boolean {
    // Somebody waits for the end.
    if (this.#toRemove.some(({ hurry }) => hurry.aborted)) return false;
    return this.#areOthersToCome() || isCrowded(this.#othersAtRemovals());
  }

  /** Whether orders of this process are still under way, whose removals may go along. */
  #areOthersToCome(): boolean {
    const ending = new Set(this.#toRemove.map(({ entry }) => entry.id));
    return [...this.#publications.keys()].some((id) => !ending.has(id));
  }

  /** Values of other hosts, which have still to come and go. */
  #othersAtRemovals(): number {
    const orders = this.#toRemove.map(({ order }) => order);
    return mostOthers(orders, this.#atHand.known);
  }

  #openWindow(): GatheringWindow {
    const closing = new AbortController();
    const window: GatheringWindow = {
      isOver: false,
      close: () => {
        closing.abort();
      },
    };
    const end = (): void => {
      window.isOver = true;
      this.#sendSoon();
    };
    const { clock, random } = this.#ports;
    const crowdMs = removalDelayMs(this.#othersAtRemovals(), random.number());
    const windowMs = this.#areOthersToCome() ? Math.max(removalWindowMs, crowdMs) : crowdMs;
    clock.sleep(windowMs, closing.signal).then(end, end);
    return window;
  }

  async #send(publications: readonly Publication[], removals: readonly Removal[]): Promise<void> {
    const orders = [...removals, ...publications].map(({ order }) => order);
    try {
      const pending = await changeZone(orders, this.#atHand, this.#ports);
      const published = publications.filter(({ order }) => !order.isOver);
      const changeIds = pending.filter((id) => published.some(({ order }) => order.changeIds.includes(id)));
      if (published.length > 0) void this.#waitInSync(published, changeIds);
    } catch (bug) {
      // Nobody may be left waiting.
      for (const order of orders) order.fail(bug);
    }
  }

  /** One wait, however many publications wait. */
  async #waitInSync(publications: readonly Publication[], changeIds: readonly string[]): Promise<void> {
    const orders = publications.map(({ order }) => order);
    const timeoutMs = Math.max(...orders.map((order) => order.timeoutMs));
    const others = mostOthers(orders, this.#atHand.known);
    const { signal, release } = allAborted(orders.map((order) => order.signal));
    this.#isPending = true;
    try {
      const isDone = changeIds.length === 0;
      const outcome = isDone
        ? 'in-sync'
        : await waitInSync(changeIds, timeoutMs, this.#ports, signal, others);
      for (const publication of publications) publication.outcome = outcome;
      for (const order of orders) order.settle();
    } catch (error) {
      for (const order of orders) order.fail(error);
    } finally {
      release();
      this.#isPending = false;
      this.#sendSoon();
    }
  }
}

/** The order's end, or that of its signal, while that may end it. */
async function endedOr(order: ZoneOrder, signal: AbortSignal, mayEnd: () => boolean): Promise<void> {
  const stop = (): void => {
    if (mayEnd()) order.fail(signal.reason);
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await order.ended;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
