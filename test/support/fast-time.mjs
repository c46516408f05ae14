// Preloaded with --import: gives this process a time of its own, so that a program which waits, polls and gives up
// after minutes does just that in seconds.
//   TIME_SKIPS=N   of a sleep only 1/N is slept; at its end the clock has moved by the whole of it
//   TIME_AHEAD=N   the clock is off by so many milliseconds
//   TIME_RUNS=N    the clock, timers and limits run N times as fast: for servers that never answer
// Limits (AbortSignal.timeout) are over when this clock says so. With TIME_RUNS=1 work takes the time that it takes, so
// a busy machine does not change what happens.
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';

const skips = factor('TIME_SKIPS');
const runs = factor('TIME_RUNS');

function factor(name) {
  const value = Number(process.env[name] ?? 1);
  if (value >= 1) return value;
  throw new Error(`${name} is ${process.env[name]}, not a factor of at least 1`);
}

const RealDate = Date;
const [begin, started] = [RealDate.now() + Number(process.env['TIME_AHEAD'] ?? 0), performance.now()];
let skipped = 0;
const now = () => begin + (performance.now() - started) * runs + skipped;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, property, receiver) =>
    property === 'now' ? () => Math.floor(now()) : Reflect.get(target, property, receiver),
});

const realTimers = { setTimeout: timers.setTimeout, setInterval: timers.setInterval };
for (const [name, real] of Object.entries(realTimers)) {
  const fast = (callback, milliseconds, ...args) => real(callback, milliseconds / runs, ...args);
  globalThis[name] = timers[name] = Object.defineProperties(fast, Object.getOwnPropertyDescriptors(real));
}

const limits = new Set();

const realSleep = timersPromises.setTimeout;
timersPromises.setTimeout = async (milliseconds, ...args) => {
  const end = now() + milliseconds;
  const slept = await realSleep(milliseconds / skips / runs, ...args);
  // Sleeps beside each other end together: the clock moves once.
  skipped += Math.max(0, end - now());
  for (const check of limits) check();
  return slept;
};

AbortSignal.timeout = (milliseconds) => {
  const controller = new AbortController();
  const end = now() + milliseconds;
  const check = () => {
    if (now() < end) return;
    limits.delete(check);
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  };
  limits.add(check);
  realTimers.setTimeout(check, Math.ceil(milliseconds / runs) + 1).unref();
  return controller.signal;
};

syncBuiltinESMExports();
