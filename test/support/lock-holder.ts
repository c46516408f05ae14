/** Takes the lock of a state folder, says so (and before that, if it has to wait), and holds it until standard input ends. Run by the tests of the lock. */
import { systemClock } from '../../src/io/clock.ts';
import { FileLock } from '../../src/io/lock.ts';

const [stateDir = '', timeoutMs = '0'] = process.argv.slice(2);
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  waiting: () => {
    process.stdout.write('waiting\n');
    return () => undefined;
  },
};

const lock = new FileLock({
  stateDir,
  timeoutMs: Number(timeoutMs),
  command: 'lanacme test',
  clock: systemClock,
  log,
});
const release = await lock.acquire(new AbortController().signal);
process.stdout.write('held\n');
process.stdin.resume();
process.stdin.on('end', () => {
  release().then(
    () => process.stdout.write('released\n'),
    (error: unknown) => {
      throw error;
    },
  );
});
