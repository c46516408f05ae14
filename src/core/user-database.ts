/**
 * The number of a user or a group in the text of `/etc/passwd` or `/etc/group`, or in an answer of getent(1): both have
 * the name first and the number third.
 */
export function idOf(name: string, lines: string): number | undefined {
  for (const line of lines.split('\n')) {
    const [entry, , id = ''] = line.split(':');
    if (entry === name && /^[0-9]{1,10}$/.test(id)) return Number(id);
  }
  return undefined;
}

/** What no user and no group can be called: it would be an option, another field or another line of a question. */
export function isAccountName(text: string): boolean {
  return /^[^-:\s\0][^:\n\0]{0,254}$/.test(text);
}

/** A user as the database knows them. */
export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Of the first line with this name or number in the text of `/etc/passwd`, or in an answer of getent(1). */
export function userEntry(user: string | number, lines: string): UserEntry | undefined {
  for (const line of lines.split('\n')) {
    const [name = '', , id = '', gid = '', , home = ''] = line.split(':');
    const isMeant = typeof user === 'string' ? name === user : id === String(user);
    if (isMeant && isAccountName(name) && [id, gid].every((number) => /^[0-9]{1,10}$/.test(number))) {
      return { name, uid: Number(id), gid: Number(gid), home };
    }
  }
  return undefined;
}
