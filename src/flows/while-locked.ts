import { asLanacmeErrors } from '../errors.ts';
import type { Lock, Log } from '../ports.ts';

/**
 * Runs `body` with the lock held. A lock that cannot be given back is only a warning: the kernel drops it with this
 * process, and what `body` did or failed with must not get lost for it.
 */
export async function whileLocked<T>(
  { lock, log }: { readonly lock: Lock; readonly log: Log },
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<T> {
  const release = await lock.acquire(signal);
  try {
    return await body();
  } finally {
    await release().catch((error: unknown) => {
      for (const { message, code } of asLanacmeErrors(error)) log.warn(message, { code });
    });
  }
}
