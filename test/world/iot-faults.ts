/** What can go wrong between a device and the credentials endpoint, scripted by a test. */

export type IotFault =
  /** Answered in order, but late: after so long, or when the test says so. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'delay'; readonly until: Promise<unknown> }
  /** A refusal of any status and text: 429, 500, 503, … */
  | {
      readonly kind: 'refuse';
      readonly status: number;
      readonly errorType?: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** How late it comes. */
      readonly until?: Promise<unknown>;
    }
  /** A page such as a proxy sends, with any status, 200 too. */
  | { readonly kind: 'page'; readonly status: number; readonly body?: string }
  /** What a data endpoint says to this path: the commonest misconfiguration. */
  | { readonly kind: 'data endpoint' }
  /** 200 and well-formed JSON, but no credentials in it. */
  | { readonly kind: 'other json'; readonly body: unknown }
  /** The connection is reset before the answer. */
  | { readonly kind: 'reset' }
  /** Half of the answer, then the end of the connection. */
  | { readonly kind: 'half' }
  /** Bytes that are not HTTP, then the end of the connection. */
  | { readonly kind: 'garbage' }
  /** A body of so many bytes, valid JSON with credentials in front. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** Never answered. */
  | { readonly kind: 'hang' }
  /** The Date header is off by this much, as if the device's clock were. */
  | { readonly kind: 'wrong date'; readonly offsetMs: number }
  /** Credentials whose expiration is past. */
  | { readonly kind: 'expired' };

interface Planned {
  readonly fault: IotFault;
  after: number;
  times: number;
}

export class IotFaults {
  readonly #planned: Planned[] = [];

  /** For the next `times` requests (default 1; `Infinity` for all), `after` so many good ones. */
  add(fault: IotFault, { times = 1, after = 0 }: { times?: number; after?: number } = {}): void {
    this.#planned.push({ fault, after, times });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  /** What befalls the request that comes now. Plans are used up one after the other. */
  next(): IotFault | undefined {
    const [current] = this.#planned;
    if (current === undefined) return undefined;
    if (current.after > 0) {
      current.after -= 1;
      return undefined;
    }
    current.times -= 1;
    if (current.times <= 0) this.#planned.shift();
    return current.fault;
  }
}
