import type { Log } from '../../src/ports.ts';

const nothing = (): void => undefined;

/** For tests that look at answers, not at what is told on the way. */
export const silentLog: Log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  waiting: () => nothing,
};
