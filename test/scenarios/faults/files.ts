/** Faults of this host's own files, that anybody can arrange. What needs root is in `../full-disk.test.ts`. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endChild } from '../../support/child-process.ts';
import type { Host } from '../../world/world-host.ts';
import type { FaultRow } from './fault-row.ts';
import { certificateName as name } from './lane.ts';

const record = `certificates/${name}.json`;
const version = `archive/${name}/0001`;

const entryOfDeletedZone = {
  format: 1,
  id: '0123456789abcdef',
  certificate: name,
  zone: 'lan.example',
  zoneId: 'Z0123456789GONE',
  createdAt: '2026-11-22T12:00:00Z',
  records: [{ name: `_acme-challenge.${name}`, value: `"${'x'.repeat(43)}"` }],
  changeIds: [],
};

export const fileFaults: readonly FaultRow[] = [
  {
    fault: 'the record of the certificate is not JSON',
    ...withRecord('{"format": 1,'),
    codes: ['state.broken'],
    exit: 1,
    says: `${record} is not JSON`,
  },
  {
    fault: 'the record was written by a newer lanacme',
    ...withRecord('{"format": 2}'),
    codes: ['state.newer-version'],
    exit: 1,
    says: 'has format 2, and this lanacme knows 1',
  },
  {
    fault: 'the record has a member of somebody else',
    ...withRecord((text) => text.replace('"format": 1', '"format": 1, "note": "mine"')),
    codes: ['state.broken'],
    exit: 1,
    says: 'note is not a member that lanacme knows',
  },
  {
    fault: 'the record is a symbolic link',
    arrange: async ({ host }) => {
      const path = join(host.stateDir, record);
      await rename(path, `${path}.real`);
      await symlink(`${name}.json.real`, path);
    },
    codes: ['state.unsafe'],
    exit: 1,
    says: 'is a symbolic link, so lanacme did not make it',
  },
  {
    fault: 'the record has more than 1 MiB',
    ...withRecord((text) => text + ' '.repeat(1024 * 1024)),
    codes: ['state.unsafe'],
    exit: 1,
    says: 'is larger than 1048576 bytes',
  },
  {
    fault: 'the account file is not JSON',
    ...withAccountFile('account.json', 'account'),
    codes: ['state.broken'],
    exit: 1,
    says: 'account.json is not JSON',
  },
  {
    fault: 'the account file was written by a newer lanacme',
    ...withAccountFile('account.json', '{"format": 3}'),
    codes: ['state.newer-version'],
    exit: 1,
    says: 'has format 3',
  },
  {
    fault: 'the account key is not a key',
    ...withAccountFile('key.pem', ''),
    codes: ['state.broken'],
    exit: 1,
    says: 'key.pem is not a private key',
  },
  {
    fault: 'a journal entry is not JSON',
    ...withNewFile('journal/0123456789abcdef.json', ''),
    codes: ['state.broken'],
    exit: 1,
    says: 'journal/0123456789abcdef.json is not JSON',
    pair: 'new',
  },
  {
    fault: 'a journal entry was written by a newer lanacme',
    ...withNewFile('journal/0123456789abcdef.json', '{"format": 2}'),
    codes: ['state.newer-version'],
    exit: 1,
    says: 'has format 2',
    pair: 'new',
  },
  {
    fault: 'a journal entry of a zone that is deleted, and that the role may not write any more',
    ...withNewFile('journal/0123456789abcdef.json', JSON.stringify(entryOfDeletedZone)),
    codes: ['route53.access-denied'],
    exit: 1,
    says: 'challenge values are left',
    pair: 'new',
  },
  {
    fault: 'live/NAME is a regular file',
    before: 'nothing',
    ...withNewFile(`live/${name}`, 'a certificate?'),
    codes: ['state.unsafe'],
    exit: 1,
    says: `live/${name} is not a symbolic link, so lanacme did not make it`,
  },
  {
    fault: 'live/NAME points to a place of somebody else',
    before: 'nothing',
    arrange: async ({ host }) => {
      await mkdir(join(host.stateDir, 'live'), { recursive: true, mode: 0o700 });
      await symlink('/etc/ssl', join(host.stateDir, 'live', name));
    },
    mend: async ({ host }) => {
      await rm(join(host.stateDir, 'live', name));
    },
    codes: ['state.unsafe'],
    exit: 1,
    says: `live/${name} points to a place where lanacme keeps no version of it`,
  },
  {
    fault: 'live is a regular file',
    before: 'nothing',
    ...withNewFile('live', ''),
    codes: ['state.unreadable'],
    exit: 1,
    says: 'a part of this path is not a folder',
  },
  {
    fault: 'archive/NAME is a regular file',
    before: 'nothing',
    ...withNewFile(`archive/${name}`, ''),
    codes: ['state.unsafe'],
    exit: 1,
    says: `archive/${name} is not a folder`,
  },
  {
    fault: 'the version in use has lost its key',
    arrange: async ({ host }) => {
      await rm(join(host.stateDir, version, 'privkey.pem'));
    },
    codes: [],
    exit: 0,
  },
  {
    fault: 'the version in use has the key of another',
    arrange: async ({ host }) => {
      const key = await readFile(host.keyFile);
      await writeFile(join(host.stateDir, version, 'privkey.pem'), key);
    },
    codes: [],
    exit: 0,
  },
  {
    fault: 'the version in use has lost its folder',
    arrange: async ({ host }) => {
      await rm(join(host.stateDir, version), { recursive: true });
    },
    codes: [],
    exit: 0,
  },
  {
    fault: 'the state folder is a regular file',
    before: 'nothing',
    arrange: async ({ host }) => {
      await writeFile(host.stateDir, '');
    },
    mend: async ({ host }) => {
      await rm(host.stateDir);
    },
    codes: ['state.unsafe'],
    exit: 1,
    says: 'is not a folder',
  },
  {
    fault: 'the folder that should hold the state folder is missing',
    before: 'nothing',
    arrange: ({ world }) => ({ LANACME_STATE_DIR: join(world.folder, 'not-mounted', 'state') }),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'not-mounted/state: no such file or folder',
  },
  {
    fault: 'others may write in the state folder',
    arrange: async ({ host }) => {
      await chmod(host.stateDir, 0o770);
    },
    mend: async ({ host }) => {
      await chmod(host.stateDir, 0o700);
    },
    codes: ['state.unsafe'],
    exit: 1,
    says: 'can be written by other users',
  },
  {
    fault: 'the lock is a folder',
    arrange: async ({ host }) => {
      await rm(join(host.stateDir, 'lock'));
      await mkdir(join(host.stateDir, 'lock'));
    },
    mend: async ({ host }) => {
      await rm(join(host.stateDir, 'lock'), { recursive: true });
    },
    codes: ['state.unsafe'],
    exit: 1,
    says: 'lock is not a regular file',
  },
  {
    fault: 'another run holds the lock',
    ...withLockHeld('process 4711 (lanacme renew) since 2026-11-22T12:00:00Z'),
    codes: ['state.locked'],
    exit: 75,
    says: 'the lock is held by process 4711 (lanacme renew) since 2026-11-22T12:00:00Z, also after 1 s',
  },
  {
    fault: 'the disk is full when the account key is made',
    before: 'nothing',
    ...onDisk('create accounts/#2', 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'key.pem: the disk is full',
  },
  {
    fault: 'the disk is full when the account is noted: the CA has it already',
    before: 'nothing',
    ...onDisk('create accounts/#3', 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'account.json: the disk is full',
  },
  {
    fault: 'the disk is full when the challenges are journalled: none is sent',
    ...onDisk('writeFile journal/TMP#2', 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: /journal\/[0-9a-f]+\.json: the disk is full/,
  },
  {
    fault: 'the disk does not keep the journal entry: no challenge is sent',
    ...onDisk('sync journal/TMP#2', 'EIO'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'the disk reports an error',
  },
  {
    fault: 'the disk is full when the change id is journalled: the challenges are out already',
    ...onDisk('writeFile journal/TMP#3', 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'the disk is full',
  },
  {
    fault: 'the file system becomes read-only before the journal entry is removed',
    ...onDisk('unlink journal/', 'EROFS'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'the file system is read-only',
    pair: 'new',
    leftovers: ['a journal entry until the next run'],
  },
  {
    fault: 'the disk has no room for a new version: none is ordered',
    ...onDisk(`writeFile archive/${name}/TMP`, 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: `archive/${name}: the disk is full`,
  },
  {
    fault: 'live may not be written: no certificate is ordered',
    ...onDisk('create live/TMP', 'EACCES'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'live: permission denied',
  },
  ...['accounts', 'orders', 'journal'].map(
    (folder): FaultRow => ({
      fault: `${folder} may not be written: no certificate is ordered`,
      ...onDisk(`create ${folder}/TMP`, 'EACCES'),
      codes: ['state.unwritable'],
      exit: 1,
      says: `${folder}: permission denied`,
      requests: {},
    }),
  ),
  {
    fault: 'the disk is full when the record is written: it got so after the order',
    ...onDisk('create certificates/TMP#2', 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: `${record}: the disk is full`,
  },
  {
    fault: 'the disk is full in the middle of the new version',
    ...onDisk(`writeFile archive/${name}/TMP/chain.pem`, 'ENOSPC'),
    codes: ['state.unwritable'],
    exit: 1,
    says: `archive/${name}/0002: the disk is full`,
  },
  {
    fault: 'the quota is used up by the new version',
    ...onDisk(`create archive/${name}/TMP/privkey.pem`, 'EDQUOT'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'the disk quota is used up',
  },
  {
    fault: 'the new version may not be made',
    ...onDisk(`mkdir archive/${name}/TMP`, 'EACCES'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'permission denied',
  },
  {
    fault: 'the disk does not keep the new version',
    ...onDisk(`sync archive/${name}/TMP/fullchain.pem`, 'EIO'),
    codes: ['state.unwritable'],
    exit: 1,
    says: 'the disk reports an error',
  },
  {
    fault: 'the flip is refused',
    ...onDisk(`rename live/${name}`, 'EROFS'),
    codes: ['state.unwritable'],
    exit: 1,
    says: `live/${name}: the file system is read-only`,
  },
  {
    fault: 'the disk does not keep the flip',
    ...onDisk('sync live', 'EIO'),
    codes: ['state.unwritable'],
    exit: 1,
    says: `live/${name}: the disk reports an error`,
    pair: 'new',
  },
];

type Arrangement = Pick<FaultRow, 'arrange' | 'mend'>;
/** The whole text, or what becomes of it. */
type NewText = string | ((before: string) => string);

async function rewrite(path: string, text: NewText): Promise<void> {
  await writeFile(path, typeof text === 'string' ? text : text(await readFile(path, 'utf8')));
}

function withRecord(text: NewText): Arrangement {
  return {
    arrange: async ({ host }) => {
      await rewrite(join(host.stateDir, record), text);
    },
  };
}

function withAccountFile(file: string, text: NewText): Arrangement {
  return {
    arrange: async ({ host }) => {
      const accounts = join(host.stateDir, 'accounts');
      const [folder = ''] = await readdir(accounts);
      await rewrite(join(accounts, folder, file), text);
    },
  };
}

function withNewFile(path: string, text: string): Arrangement {
  return {
    arrange: async ({ host }) => {
      const file = join(host.stateDir, path);
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(file, text);
    },
    mend: async ({ host }) => {
      await rm(join(host.stateDir, path));
    },
  };
}

/** Somebody else holds the lock, and has signed it. */
function withLockHeld(signature: string): Arrangement {
  const holders = new WeakMap<Host, ChildProcess>();
  return {
    arrange: async ({ host }) => {
      const lock = join(host.stateDir, 'lock');
      await writeFile(lock, signature);
      const holder = spawn('flock', ['--no-fork', lock, 'sh', '-c', 'echo held; exec sleep 300'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      holders.set(host, holder);
      await once(holder.stdout, 'data');
      return { LANACME_LOCK_TIMEOUT: '1s' };
    },
    mend: async ({ host }) => {
      const holder = holders.get(host);
      if (holder !== undefined) await endChild(holder);
    },
  };
}

/** A call that changes the disk fails: see `failing-disk.mjs`. */
function onDisk(call: string, errno: string): Arrangement {
  const preload = pathToFileURL(join(import.meta.dirname, '../../support/failing-disk.mjs')).href;
  return {
    arrange: ({ host }) => ({
      NODE_OPTIONS: `--import ${preload}`,
      DISK_ROOT: host.stateDir,
      DISK_FAULT: `${call}:${errno}`,
    }),
  };
}
