import { LanacmeError } from '../errors.ts';
import type { BearerToken } from '../ports/serve-credentials.ts';
import type { Random } from '../ports.ts';
import { createFile } from './atomic-file.ts';
import { errnoOf } from './file-failure.ts';
import { type FileSource, readSecretFile } from './secret-file.ts';

/**
 * The endpoint's token, from a file that only its owner can read. If there is none, one of 256 bits is made, without a
 * line break at its end: SDKs send the content of `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE` as it stands.
 *
 * @throws LanacmeError as `readToken` does.
 */
export async function readOrMakeToken(
  file: string,
  source: FileSource,
  random: Pick<Random, 'hex'>,
): Promise<BearerToken> {
  return asToken(file, (await readIfThere(file, source)) ?? (await make(file, source, random)));
}

/**
 * The token that is in the file now.
 *
 * @throws LanacmeError `credentials.file-unreadable`, `credentials.key-exposed` if others can read the file,
 *   `endpoint.token-unusable` for what is no token.
 */
export async function readToken(file: string, source: FileSource): Promise<BearerToken> {
  return asToken(file, await readSecretFile(file, source));
}

function asToken(file: string, found: string): BearerToken {
  const text = found.replace(/\r?\n$/, '');
  // What can stand in a header, and is not guessed.
  if (/^[!-~]{16,4096}$/.test(text)) return { text, file, hasLineBreak: text !== found };
  throw new LanacmeError('endpoint.token-unusable', `${file} holds no token`, {
    hint: `a token is one line of 16 to 4096 letters, digits and signs without spaces: ${howToMake(file)}`,
  });
}

/** What systemd hands over is a copy. */
function howToMake(file: string): string {
  return file.startsWith('credential:')
    ? 'write one into the file that LoadCredential= names (head --bytes=32 /dev/urandom | base64 --wrap=0)'
    : 'remove the file, and lanacme makes one';
}

async function readIfThere(file: string, source: FileSource): Promise<string | undefined> {
  try {
    return await readSecretFile(file, source);
  } catch (error) {
    if (isErrno(error, 'ENOENT') && !file.startsWith('credential:')) return undefined;
    throw error;
  }
}

async function make(file: string, source: FileSource, random: Pick<Random, 'hex'>): Promise<string> {
  try {
    await createFile(file, random.hex(32), 0o600);
  } catch (error) {
    // Another run was faster: it is that one's token.
    if (!isErrno(error, 'EEXIST')) {
      throw error instanceof LanacmeError
        ? error.withHint(
            'give --token-file a path where this user may make a file (mkdir -m 700 for a folder)',
          )
        : error;
    }
  }
  return await readSecretFile(file, source);
}

/** Whether the kernel's answer was behind it. */
function isErrno(error: unknown, code: string): boolean {
  return error instanceof LanacmeError && errnoOf(error.cause) === code;
}
