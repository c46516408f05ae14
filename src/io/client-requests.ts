import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { ClientRequest } from 'node:http';

const started = 'http.client.request.start';

/**
 * What `work` resolves to. Once the signal aborts it rejects with the reason, and every request of Node's own HTTP client
 * that was begun meanwhile is ended, or as soon as it begins: for code of others that takes no signal, and whose open
 * connection would keep this process. Requests of undici, which are all of ours, are none of these.
 */
export async function endingRequests<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const requests = new Set<ClientRequest>();
  const note = (message: unknown): void => {
    const { request } = message as { readonly request: ClientRequest };
    requests.add(request);
    if (signal.aborted) request.destroy();
  };
  const end = (): void => {
    for (const request of requests) request.destroy();
  };
  subscribe(started, note);
  signal.addEventListener('abort', end, { once: true });
  const done = work().finally(() => {
    unsubscribe(started, note);
    signal.removeEventListener('abort', end);
  });
  // If the signal was first, nobody waits for it any more.
  done.catch(() => undefined);
  return await Promise.race([done, aborted(signal)]);
}

async function aborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
