import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { totpSessionName } from '../../src/io/totp-seed.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

/** That of RFC 6238 appendix B. */
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const now = new Date(59_000);

describe('a session name from a seed file', () => {
  let folder: TempFolder;

  beforeAll(async () => {
    folder = await makeTempFolder('totp-seed');
  });
  afterAll(async () => {
    await folder.remove();
  });

  const nameOf = async (text: string, mode = 0o600): Promise<string> => {
    const file = join(folder.path, 'seed');
    await writeFile(file, text);
    await chmod(file, mode);
    return await totpSessionName(file, {}, now);
  };

  it('is the code of the moment', async () => {
    expect(await nameOf(`${seed}\n`)).toBe('287082');
    expect(await nameOf(`${seed}\r\na note\n`)).toBe('287082');
  });

  it('is another once the file is another', async () => {
    expect(await nameOf(`${seed.slice(0, 16)}\n`)).not.toBe('287082');
  });

  it('is not made from a seed that others can read', async () => {
    await expect(nameOf(seed, 0o640)).rejects.toMatchObject({ code: 'credentials.key-exposed' });
  });

  it.each(['', '\n', 'not a seed', '12345678901234567890'])('is not made from %j', async (text) => {
    await expect(nameOf(text)).rejects.toMatchObject({ code: 'credentials.seed-invalid' });
  });

  it('is taken from a file of $CREDENTIALS_DIRECTORY, too', async () => {
    await nameOf(seed);
    const source = { credentialsDirectory: folder.path };
    expect(await totpSessionName('credential:seed', source, now)).toBe('287082');
  });
});
