/**
 * A signal that aborts by itself after so many milliseconds. Node 20 lets the garbage collector take away a timeout that
 * nobody but an `AbortSignal.any` refers to, so that it never comes (https://github.com/nodejs/node/issues/57736); one that
 * is listened to stays.
 */
export function deadline(milliseconds: number): AbortSignal {
  const signal = AbortSignal.timeout(milliseconds);
  signal.addEventListener('abort', () => undefined, { once: true });
  return signal;
}
