import { shownName } from '../core/acme-problem.ts';
import type { AcmeAuthorization, AcmeOrder } from '../ports.ts';

/** What the URLs of a CA stand for, learnt from its own answers: a person knows names, not URLs. */
export class KnownObjects {
  readonly #words = new Map<string, string>();
  readonly #orderUrls = new Map<string, string>();

  /** Remembers an order with all that belongs to it. */
  order<T extends AcmeOrder>(order: T): T {
    const names = order.domains.join(', ');
    this.#words.set(order.url, `the order for ${names}`);
    this.#words.set(order.finalizeUrl, `the certificate request for ${names}`);
    if (order.certificateUrl !== undefined) {
      this.#words.set(order.certificateUrl, `the certificate for ${names}`);
    }
    for (const url of order.authorizationUrls) {
      // One that several orders share may have been read before.
      if (!this.#words.has(url)) this.#words.set(url, `an authorization of the order for ${names}`);
    }
    this.#orderUrls.set(order.finalizeUrl, order.url);
    return order;
  }

  authorization(authorization: AcmeAuthorization): AcmeAuthorization {
    const name = shownName(authorization);
    this.#words.set(authorization.url, `the authorization for ${name}`);
    for (const { url } of authorization.challenges) this.#words.set(url, `the challenge for ${name}`);
    return authorization;
  }

  /** In words, or as a URL of this kind if no answer has named it yet. */
  words(url: string, kind: string): string {
    return this.#words.get(url) ?? `${kind} ${url}`;
  }

  /** The order of a finalize URL: the answer to it need not say (RFC 8555 §7.4). */
  orderOfFinalize(url: string): string | undefined {
    return this.#orderUrls.get(url);
  }
}
