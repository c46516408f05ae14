import { execFileSync } from 'node:child_process';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEventFile } from '../../src/io/event-file.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

describe('a file of CloudTrail', () => {
  let folder: TempFolder;

  beforeAll(async () => {
    folder = await makeTempFolder('event-file');
  });
  afterAll(async () => {
    await folder.remove();
  });

  const read = async (content: string | Buffer): Promise<string> => {
    const file = join(folder.path, 'event.json');
    await writeFile(file, content);
    return await readEventFile(file, signal);
  };
  const { signal } = new AbortController();
  const packed = gzipSync('{"Records":[]}');

  it.each([
    ['as it is', '{"Records":[]}', '{"Records":[]}'],
    ['packed', packed, '{"Records":[]}'],
    ['empty', '', ''],
  ])('is read %s', async (_, content, text) => {
    expect(await read(content)).toBe(text);
  });

  it.each([
    ['cut off', packed.subarray(0, -4), 'is cut off'],
    ['damaged', Buffer.from(packed).fill(0xff, 10, 14), 'is damaged'],
    ['far larger than it looks', gzipSync(Buffer.alloc((128 << 20) + 1)), 'unpacked it is larger than'],
    ['too large', Buffer.alloc((128 << 20) + 1), 'it is larger than'],
  ])('is refused if it is %s', async (_, content, why) => {
    await expect(read(content)).rejects.toMatchObject({
      code: 'session.bad-event',
      outcome: 'usage',
      message: expect.stringContaining(why) as string,
    });
  });

  it('is not waited for once the run is to end', async () => {
    const pipe = join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const writer = await open(pipe, 'r+');
    const ending = new AbortController();
    const reading = readEventFile(pipe, ending.signal);
    ending.abort(new Error('SIGTERM'));
    await expect(reading).rejects.toThrow('SIGTERM');
    await writer.close();
  });

  it.each([
    ['missing', 'none.json', 'there is no such file'],
    ['a folder', '.', 'it is a folder'],
  ])('that is %s is told', async (_, name, why) => {
    await expect(readEventFile(join(folder.path, name), signal)).rejects.toMatchObject({
      code: 'session.bad-event',
      message: expect.stringContaining(why) as string,
    });
  });
});
