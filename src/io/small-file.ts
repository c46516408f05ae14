/**
 * Reading the state folder. Its files are small and on a local disk, and `renew` reads thousands of them each hour:
 * synchronous calls take a tenth of the time that the thread pool does.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { LanacmeError } from '../errors.ts';
import { replaceFile } from './atomic-file.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';

/** More than a hundred times what any of ours takes. */
const sizeCap = 1024 * 1024;

/** The text of a regular file; nothing if there is none. Links, pipes, devices and huge files are refused. */
export function readSmallFile(path: string, judge?: (found: Stats) => void): string | undefined {
  return readSmallBytes(path, judge)?.toString('utf8');
}

/** What `readSmallFile` reads, also where it is not text. */
export function readSmallBytes(
  path: string,
  judge: (found: Stats) => void = () => undefined,
): Buffer | undefined {
  const descriptor = openForReading(path);
  if (descriptor === undefined) return undefined;
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw notOurs(path, 'is not a regular file');
    if (found.size > sizeCap) throw notOurs(path, `is larger than ${sizeCap} bytes`);
    judge(found);
    return readFileSync(descriptor);
  } catch (error) {
    throw fileFailure(error, 'read', path);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A JSON file as `readSmallFile` reads it. It says what is to be done, hooks included: so it has to be of this user or
 * of root.
 *
 * @param orElse what helps when nobody can mend it.
 * @throws LanacmeError `state.broken` if it is not JSON.
 */
export function readJsonFile(path: string, orElse = 'restore it from a backup'): unknown {
  const text = readSmallFile(path, ({ uid }) => {
    if (uid !== 0 && uid !== process.geteuid?.()) throw notOurs(path, `belongs to user ${uid}`);
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new LanacmeError('state.broken', `${path} is not JSON`, {
      hint: `mend the file, or ${orElse}`,
      // What the parser says quotes the file; it is escaped where it is printed.
      cause: error,
    });
  }
}

export async function writeJsonFile(path: string, value: unknown): Promise<void> {
  await replaceFile(path, `${JSON.stringify(value, null, 2)}\n`, 0o600);
}

function openForReading(path: string): number | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    // Without O_NONBLOCK opening a pipe would wait for somebody to write into it.
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (errnoOf(error) === 'ELOOP') throw notOurs(path, 'is a symbolic link');
    throw fileFailure(error, 'read', path);
  }
}

function notOurs(path: string, what: string): LanacmeError {
  return unsafeFile(path, `${what}, so lanacme did not make it`, 'find out who did, and move it away');
}
