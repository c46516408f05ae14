import type { RequestCount } from '../core/metrics.ts';

/** How often this run has asked others, for the metrics. */
export class RequestCounts {
  readonly #counts = new Map<string, RequestCount>();

  add(service: RequestCount['service'], operation: string): void {
    const key = `${service} ${operation}`;
    const requests = (this.#counts.get(key)?.requests ?? 0) + 1;
    this.#counts.set(key, { service, operation, requests });
  }

  /** In the order in which they were first made. */
  all(): readonly RequestCount[] {
    return [...this.#counts.values()];
  }
}
