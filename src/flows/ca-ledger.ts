import type { CaLimits } from '../core/ca-limits.ts';
import { type PlannedOrder, prunedLedger, refusalOf } from '../core/ledger.ts';
import type { LedgerEntry } from '../core/ledger-entry.ts';
import type { DnsName } from '../core/names.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { Clock, LedgerStore, Log } from '../ports.ts';
import { once } from './once.ts';

export interface CaLedgerPorts {
  readonly ledgers: LedgerStore;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a run does at one CA that the CA counts: all orders of the run share it, so that together they keep the limits. */
export class CaLedger {
  readonly #directoryUrl: string;
  readonly #limits: CaLimits;
  readonly #ports: CaLedgerPorts;
  readonly #load: () => Promise<void>;
  #entries: readonly LedgerEntry[] = [];
  #saving: Promise<void> = Promise.resolve();

  constructor(directoryUrl: string, limits: CaLimits, ports: CaLedgerPorts) {
    this.#directoryUrl = directoryUrl;
    this.#limits = limits;
    this.#ports = ports;
    this.#load = once(async () => {
      this.#entries = await ports.ledgers.read(directoryUrl);
    });
  }

  /** @throws LanacmeError `ledger.limit-reached` if the CA would refuse the order. */
  async check(planned: PlannedOrder): Promise<void> {
    if (this.#isUnlimited()) return;
    await this.#load();
    const refusal = refusalOf(this.#entries, this.#limits, planned, this.#ports.clock.now());
    if (refusal !== undefined) throw refusal;
  }

  /** The same, right before the order is made: it is entered first, so that a run which dies is not forgotten. */
  async ordering(planned: PlannedOrder): Promise<void> {
    await this.check(planned);
    if (planned.isExempt || planned.isRenewal) return;
    await this.#enter([{ kind: 'order', at: this.#now() }]);
  }

  async issued({ domains, isExempt }: PlannedOrder): Promise<void> {
    if (!isExempt) await this.#enterIfPossible([{ kind: 'certificate', at: this.#now(), domains }]);
  }

  /** @param names that the CA could not validate, without `*.` */
  async failed(names: readonly DnsName[]): Promise<void> {
    const domains = [...new Set(names)];
    const at = this.#now();
    await this.#enterIfPossible(domains.map((domain) => ({ kind: 'failed-validation', at, domain })));
  }

  /** What has happened has happened: that it cannot be written down must not cost the certificate too. */
  async #enterIfPossible(entries: readonly LedgerEntry[]): Promise<void> {
    try {
      await this.#enter(entries);
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      this.#ports.log.warn(`the ledger of ${this.#directoryUrl} could not be kept: ${said}`);
    }
  }

  async #enter(entries: readonly LedgerEntry[]): Promise<void> {
    if (this.#isUnlimited() || entries.length === 0) return;
    await this.#load();
    this.#entries = prunedLedger([...this.#entries, ...entries], this.#limits, this.#ports.clock.now());
    const saved = this.#saving.then(async () => {
      await this.#ports.ledgers.save(this.#directoryUrl, this.#entries);
    });
    this.#saving = saved.catch(() => undefined);
    await saved;
  }

  #isUnlimited(): boolean {
    return Object.keys(this.#limits).length === 0;
  }

  #now(): string {
    return rfc3339(this.#ports.clock.now());
  }
}
