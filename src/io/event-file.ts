import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { nameOfInput } from '../core/cloudtrail-session.ts';
import { LanacmeError } from '../errors.ts';
import { errnoOf } from './file-failure.ts';

/** In bytes, packed or not; CloudTrail begins another log file after some 50 million. */
const sizeCap = 128 << 20;

/**
 * The text of a file of CloudTrail, packed with gzip (as in its bucket) or not; `-` is standard input. A pipe is as good
 * as a file.
 *
 * @param signal ends the wait for who writes.
 * @throws LanacmeError `session.bad-event` if it cannot be read or unpacked, or is larger than 128 MiB.
 */
export async function readEventFile(file: string, signal: AbortSignal): Promise<string> {
  try {
    const bytes = await bytesOf(
      addAbortSignal(signal, file === '-' ? process.stdin : createReadStream(file)),
    );
    if (!(bytes[0] === 0x1f && bytes[1] === 0x8b)) return bytes.toString('utf8');
    return gunzipSync(bytes, { maxOutputLength: sizeCap }).toString('utf8');
  } catch (error) {
    signal.throwIfAborted();
    throw new LanacmeError('session.bad-event', `cannot read ${nameOfInput(file)}: ${reason(error)}`, {
      hint: 'give the path of a file that you may read, or - for standard input',
      outcome: 'usage',
      cause: error,
    });
  }
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<unknown>) {
    if (!Buffer.isBuffer(chunk)) continue; // unreachable: neither stream has an encoding
    size += chunk.length;
    if (size > sizeCap) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(): Error {
  return new Error(`it is larger than ${sizeCap} bytes`);
}

const words: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ERR_BUFFER_TOO_LARGE: `unpacked it is larger than ${sizeCap} bytes`,
  Z_DATA_ERROR: 'what it packs is damaged',
  Z_BUF_ERROR: 'what it packs is cut off',
};

function reason(error: unknown): string {
  const known = words[errnoOf(error) ?? ''];
  return known ?? (error instanceof Error ? error.message : 'unknown cause');
}
