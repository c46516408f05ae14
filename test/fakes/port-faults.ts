import type { IssuePorts } from '../../src/flows/issue-request.ts';

/** What happens at one call of a port, whichever it is. */
export interface PortFault {
  /** The number of the call, from 1. */
  readonly at: number;
  /** Before the call has its effect, or after it, so that only its answer is lost. */
  readonly when: 'before' | 'after';
  /**
   * Throws what the call shall fail with, or does something else. With `die` nothing comes back any more, of this call
   * or another, as in a process that is killed.
   */
  readonly strike: (call: string) => 'die' | undefined;
}

/**
 * Ports whose asynchronous calls are counted, all of them together: `acme.newOrder`, `journal.save`, `acme` (being
 * loaded), `lock.release`. Like the real adapters, a call fails with its signal's reason once that has aborted.
 */
export class CountedPorts {
  /** The calls in the order in which they began. */
  readonly calls: string[] = [];
  readonly ports: IssuePorts;
  readonly death: Promise<void>;
  readonly #fault: PortFault;
  readonly #isInTurn: boolean;
  #last: Promise<unknown> = Promise.resolve();
  #die: () => void = () => undefined;
  #isDead = false;

  /** @param isInTurn one call after the other, in the order in which they begin: then a run is the same every time. */
  constructor(ports: IssuePorts, fault: PortFault, isInTurn = false) {
    this.#fault = fault;
    this.#isInTurn = isInTurn;
    this.death = new Promise((resolve) => {
      this.#die = resolve;
    });
    const loaded = <T extends object, A extends unknown[]>(
      port: string,
      load: (...args: A) => Promise<T>,
    ) => {
      return async (...args: A) =>
        await this.#call(port, [], async () => this.#counted(port, await load(...args)));
    };
    this.ports = {
      ...ports,
      clock: {
        now: () => ports.clock.now(),
        deadline: (milliseconds) => ports.clock.deadline(milliseconds),
        sleep: async (milliseconds, signal) => {
          await this.#call('clock.sleep', [signal], async () => {
            await ports.clock.sleep(milliseconds, signal);
          });
        },
      },
      lock: {
        acquire: async (signal) => {
          const release = await this.#call('lock.acquire', [signal], async () => {
            return await ports.lock.acquire(signal);
          });
          return async () => {
            await this.#call('lock.release', [], release);
          };
        },
      },
      certificates: this.#counted('certificates', ports.certificates),
      accounts: this.#counted('accounts', ports.accounts),
      journal: this.#counted('journal', ports.journal),
      orders: this.#counted('orders', ports.orders),
      ledgers: this.#counted('ledgers', ports.ledgers),
      hooks: this.#counted('hooks', ports.hooks),
      served: this.#counted('served', ports.served),
      keys: loaded('keys', ports.keys),
      route53: loaded('route53', ports.route53),
      nameServers: loaded('nameServers', ports.nameServers),
      acme: loaded('acme', ports.acme),
    };
  }

  #counted<T extends object>(name: string, port: T): T {
    return new Proxy(port, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member);
        if (typeof value !== 'function') return value;
        if (synchronous.has(`${name}.${String(member)}`)) return value.bind(target) as unknown;
        return async (...args: unknown[]) =>
          await this.#call(`${name}.${String(member)}`, args, async (): Promise<unknown> => {
            return (await Reflect.apply(value, target, args)) as unknown;
          });
      },
    });
  }

  async #call<T>(call: string, args: readonly unknown[], effect: () => Promise<T>): Promise<T> {
    this.calls.push(call);
    const number = this.calls.length;
    const signal = args.find((argument) => argument instanceof AbortSignal);
    await this.#pass(number, 'before', call);
    signal?.throwIfAborted();
    const answer = await (this.#isInTurn ? this.#inTurn(effect) : effect());
    await this.#pass(number, 'after', call);
    signal?.throwIfAborted();
    return answer;
  }

  async #inTurn<T>(effect: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(effect);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }

  /** Once the effects that were on their way have taken place, also when it is dead. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #pass(number: number, when: PortFault['when'], call: string): Promise<void> {
    const isStruck = number === this.#fault.at && when === this.#fault.when;
    if (isStruck && this.#fault.strike(call) === 'die') {
      this.#isDead = true;
      this.#die();
    }
    // Nobody waits for it: it goes with the test.
    if (this.#isDead) await new Promise<never>(() => undefined);
  }
}

/** Calls that look at what is known, and cannot be interrupted. */
const synchronous: ReadonlySet<string> = new Set(['hooks.ofHost', 'hooks.around']);
