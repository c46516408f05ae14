export interface HeldBack {
  /** What waits for this waits until it is let go. */
  readonly until: Promise<void>;
  readonly letGo: () => void;
}

/** For what a test holds up until it has seen what it wanted to see, however long that takes. */
export function heldBack(): HeldBack {
  let letGo = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { until, letGo };
}
