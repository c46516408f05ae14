import type { JournalRecord } from '../core/journal.ts';
import type { CertificateName } from '../core/names.ts';
import type { ZoneGoal, ZoneWish } from '../core/zone-change.ts';

/** A change that Route 53 has accepted, as far as it is this order's. */
export interface AcceptedPart {
  readonly records: readonly JournalRecord[];
  /** Absent if nothing had to be sent. */
  readonly changeId: string | undefined;
}

export interface ZoneOrderOptions extends ZoneWish {
  /** For the change batch's comment, so that an administrator sees who wrote it. */
  readonly certificate: CertificateName;
  /** How long a race with other writers may go on, in milliseconds. */
  readonly timeoutMs: number;
  /** Is told of each part as soon as it is accepted; what it throws fails the order. */
  readonly accepted?: (part: AcceptedPart) => Promise<void>;
}

/**
 * What one certificate wants of the zone, on its way through batches that it may share: it ends once, when it is
 * settled, has failed or is not wanted any more.
 */
export class ZoneOrder {
  readonly goal: ZoneGoal;
  readonly certificate: CertificateName;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Resolves or rejects with the end. */
  readonly ended: Promise<void>;
  /** Whether something of it may be in the zone. */
  mayBeInZone = false;
  /** Of the accepted batches that carried it, oldest first. */
  readonly changeIds: string[] = [];
  readonly #accepted: ZoneOrderOptions['accepted'];
  readonly #settle: () => void;
  readonly #reject: (reason: unknown) => void;
  #records: readonly JournalRecord[];
  #unsent: number;
  #isOver = false;

  constructor(options: ZoneOrderOptions, signal: AbortSignal) {
    this.goal = options.goal;
    this.#records = options.records;
    this.certificate = options.certificate;
    this.timeoutMs = options.timeoutMs;
    this.signal = signal;
    this.#accepted = options.accepted;
    this.#unsent = options.records.length;
    let settle: () => void = () => undefined;
    let reject: (reason: unknown) => void = () => undefined;
    this.ended = new Promise<void>((onSettled, onRejected) => {
      settle = onSettled;
      reject = onRejected;
    });
    this.#settle = settle;
    this.#reject = reject;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get records(): readonly JournalRecord[] {
    return this.#records;
  }

  /** Before it is sent. With nothing left it is settled. */
  leaveOut(isLeftOut: (record: JournalRecord) => boolean): void {
    this.#records = this.#records.filter((record) => !isLeftOut(record));
    this.#unsent = this.#records.length;
    if (this.#unsent === 0) this.settle();
  }

  async accept(part: AcceptedPart): Promise<void> {
    this.#unsent -= part.records.length;
    if (part.changeId !== undefined) {
      this.mayBeInZone = true;
      this.changeIds.push(part.changeId);
    }
    try {
      await this.#accepted?.(part);
      if (this.goal === 'absent' && this.#unsent === 0) this.settle();
    } catch (error) {
      this.fail(error);
    }
  }

  settle(): void {
    this.#isOver = true;
    this.#settle();
  }

  fail(reason: unknown): void {
    this.#isOver = true;
    this.#reject(reason);
  }
}
