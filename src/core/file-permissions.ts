/** Who besides the user of lanacme may read the private keys of a certificate, by number. */
export interface Readers {
  /** Owns the files; the folder stays ours, so that nobody can put anything into it. */
  readonly uid?: number;
  readonly gid?: number;
}

/** What a file or folder is given before anything is in it. Absent ids are those of this process. */
export interface Permissions extends Readers {
  readonly mode: number;
}

export interface VersionPermissions {
  readonly folder: Permissions;
  /** Of files that hold the private key. */
  readonly key: Permissions;
  readonly certificate: Permissions;
}

/** A folder on the way to the files. */
export interface FolderOnTheWay extends Required<Permissions> {
  readonly path: string;
}

/** The folders that these readers cannot pass, as far as modes tell: access lists may let them. */
export function closedFolders(
  way: readonly FolderOnTheWay[],
  { uid, gid }: Readers,
): readonly FolderOnTheWay[] {
  if (uid === undefined && gid === undefined) return [];
  return way.filter((folder) => {
    const isOpen = (folder.mode & 0o001) !== 0;
    const owner = uid === undefined || (folder.uid === uid && (folder.mode & 0o100) !== 0);
    const group = gid === undefined || (folder.gid === gid && (folder.mode & 0o010) !== 0);
    return !isOpen && !(owner && group);
  });
}

/**
 * The group may enter the folder and read keys, and others may not even enter; but an owner need not be in the group,
 * so that with one the modes of the files alone say who reads what.
 */
export function versionPermissions({ uid, gid }: Readers): VersionPermissions {
  const group = gid === undefined ? {} : { gid };
  const owner = uid === undefined ? {} : { uid };
  return {
    folder: { mode: folderMode({ uid, gid }), ...group },
    key: { mode: gid === undefined ? 0o600 : 0o640, ...owner, ...group },
    certificate: { mode: 0o644, ...owner },
  };
}

function folderMode({ uid, gid }: { readonly [Id in keyof Readers]: number | undefined }): number {
  if (uid !== undefined) return 0o711;
  return gid === undefined ? 0o700 : 0o750;
}
