/** The secrets of a run, and where any of them is found. */
import { createPrivateKey } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsSessions } from '../world/aws-sessions.ts';
import { formOfSecret, type Secret } from './secret-search.ts';

/**
 * The private number of a key on P-256, which every form of the key holds, and the line of its PEM that is made of it
 * alone: somebody could encode that once more.
 */
export function keySecrets(name: string, pem: string): readonly Secret[] {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const line = pem.split('\n')[2]?.slice(0, 24) ?? '';
  return [
    { name, bytes: Buffer.from(d, 'base64url') },
    { name: `${name}, its PEM`, bytes: Buffer.from(line) },
  ];
}

export function textSecret(name: string, text: string): Secret {
  return { name, bytes: Buffer.from(text) };
}

/** What AWS hands out from now on, to whomever; it grows. */
export function sessionSecrets(sessions: AwsSessions): Secret[] {
  const secrets: Secret[] = [];
  const issue = sessions.issue.bind(sessions);
  sessions.issue = (request) => {
    const issued = issue(request);
    secrets.push(
      textSecret('AWS secret key', issued.secretAccessKey),
      textSecret('AWS session token', issued.sessionToken),
    );
    return issued;
  };
  return secrets;
}

/** Names and forms of the secrets in this text. */
export function found(secrets: readonly Secret[], text: Buffer | string): readonly string[] {
  return secrets.flatMap((secret) => {
    const form = formOfSecret(secret, text);
    return form === undefined ? [] : [`${secret.name} as ${form}`];
  });
}

/** Paths of regular files, relative to the folder; none if there is no folder. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** Which secrets stand in which files below a folder. */
export async function foundBelow(
  folder: string,
  secrets: readonly Secret[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const places = await Promise.all(
    (await filesBelow(folder)).map(async (path) => {
      const names = found(secrets, await readFile(join(folder, path)));
      return [path, names] as const;
    }),
  );
  return Object.fromEntries(places.filter(([, names]) => names.length > 0));
}
