/**
 * Aborts with the last of them, for what several wait for together. `release` ends the watch over them.
 */
export function allAborted(signals: readonly AbortSignal[]): {
  readonly signal: AbortSignal;
  readonly release: () => void;
} {
  const [only, ...others] = new Set(signals);
  if (only !== undefined && others.length === 0) return { signal: only, release: () => undefined };
  const all = new AbortController();
  const look = (): void => {
    const [last] = signals.filter(({ aborted }) => aborted).reverse();
    if (last !== undefined && signals.every(({ aborted }) => aborted)) all.abort(last.reason);
  };
  for (const signal of signals) signal.addEventListener('abort', look);
  look();
  return {
    signal: all.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener('abort', look);
    },
  };
}
