import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateRecord, parseCertificateRecord } from '../core/certificate-record.ts';
import type { InstallTerms } from '../core/install-terms.ts';
import { type CertificateName, isCertificateName } from '../core/names.ts';
import { staleVersions, type VersionsInUse } from '../core/stale-versions.ts';
import {
  archivePath,
  layout,
  livePath,
  liveTarget,
  nextVersion,
  pendingKeyPath,
  pendingOrderPath,
  recordPath,
  versionOfTarget,
  versionsIn,
} from '../core/version-layout.ts';
import { LanacmeError } from '../errors.ts';
import type {
  CertificateFiles,
  CertificateStore,
  LiveCertificate,
  LiveVersion,
  StoredCertificate,
} from '../ports.ts';
import { createFolder, proveWritable, removeFolder, removeIfThere, replaceLink } from './atomic-file.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';
import type { FileSource } from './secret-file.ts';
import { readJsonFile, writeJsonFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';
import { pairProblem, readVersion, stampOf } from './version-folder.ts';

/** Certificates and their records below STATE_DIR. Whoever writes holds the lock. */
export class FileCertificateStore implements CertificateStore {
  readonly #state: StateFolder;
  readonly #source: FileSource;

  /** @param source where the password of a PKCS#12 file may come from. */
  constructor(stateDir: string, source: FileSource = {}) {
    this.#state = new StateFolder(stateDir);
    this.#source = source;
  }

  async names(): Promise<readonly CertificateName[]> {
    return this.#state.jsonEntries(layout.certificates).filter(isCertificateName);
  }

  async record(name: CertificateName): Promise<CertificateRecord | undefined> {
    if (!this.#state.exists()) return undefined;
    const path = this.#state.path(recordPath(name));
    const json = readJsonFile(path);
    return json === undefined ? undefined : parseCertificateRecord(json, name, path);
  }

  async saveRecord(record: CertificateRecord): Promise<void> {
    await this.#state.folder(layout.certificates);
    await writeJsonFile(this.#state.path(recordPath(record.name)), record);
  }

  async liveVersion(name: CertificateName): Promise<LiveVersion | undefined> {
    if (!this.#state.exists()) return undefined;
    const version = this.#liveVersion(name);
    return version === undefined ? undefined : this.#place(name, version);
  }

  async live(name: CertificateName): Promise<LiveCertificate | undefined> {
    const place = await this.liveVersion(name);
    return place && { ...place, files: await readVersion(this.#folder(name, place.version)) };
  }

  async versions(name: CertificateName): Promise<readonly string[]> {
    return versionsIn(this.#state.entries(archivePath(name)));
  }

  async version(name: CertificateName, version: string): Promise<StoredCertificate> {
    this.#state.exists();
    const folder = this.#folder(name, version);
    return { version, stamp: stampOf(folder), files: await readVersion(folder) };
  }

  async prepare(name: CertificateName, terms: InstallTerms = {}): Promise<readonly string[]> {
    const { prepareVersion } = await import('./new-version.ts');
    const { warnings } = await prepareVersion(this.#state.path(''), terms, this.#source);
    for (const [folder, bytes] of [
      [layout.certificates, roomForRecord],
      [layout.live, 0],
      [archivePath(name), roomForVersion],
      // What others keep on the way to it: without them an order is wasted.
      [layout.accounts, roomForRecord],
      [layout.orders, roomForRecord],
      [layout.journal, roomForJournal],
    ] as const) {
      await proveWritable(await this.#state.folder(folder), bytes);
    }
    return warnings;
  }

  async install(
    name: CertificateName,
    files: CertificateFiles,
    terms: InstallTerms = {},
  ): Promise<LiveCertificate> {
    const problem = await pairProblem(files);
    if (problem !== undefined) {
      const message = `the new files of ${name} do not belong together: ${problem}`;
      throw new LanacmeError('certificate.unusable', message, { hint: 'nothing was changed; run it again' });
    }
    const { prepareVersion, filesOfVersion } = await import('./new-version.ts');
    const preparations = await prepareVersion(this.#state.path(''), terms, this.#source);
    await this.#state.folder(layout.live);
    // Refuses what is not ours before anything is written.
    const current = this.#liveVersion(name);
    const archive = await this.#state.folder(archivePath(name));
    const present = this.#state.entries(archivePath(name));
    const version = nextVersion([...present, ...(current === undefined ? [] : [current])]);
    await createFolder(
      join(archive, version),
      await filesOfVersion(name, files, preparations),
      preparations.permissions.folder,
    );
    if (terms.keyGroup !== undefined || terms.owner !== undefined)
      await this.#state.letThrough(layout.live, layout.archive, archivePath(name));
    return { ...(await this.#flip(name, version)), files };
  }

  async pointTo(name: CertificateName, version: string): Promise<LiveVersion> {
    // Refuses a link that is not ours, and a version that nobody could use.
    this.#liveVersion(name);
    await this.version(name, version);
    await this.#state.folder(layout.live);
    return await this.#flip(name, version);
  }

  async prune(
    name: CertificateName,
    keep: number,
    inUse: Omit<VersionsInUse, 'live'>,
  ): Promise<readonly string[]> {
    const live = this.#liveVersion(name);
    const stale = staleVersions(await this.versions(name), { ...inUse, live }, keep);
    for (const version of stale) await removeFolder(this.#folder(name, version));
    return stale;
  }

  async remove(name: CertificateName): Promise<readonly string[]> {
    // Refuses a link that is not ours before anything is gone. The record goes last: with it others find the rest.
    this.#liveVersion(name);
    const removed: string[] = [];
    for (const path of [
      livePath(name),
      pendingKeyPath(name),
      pendingOrderPath(name),
      archivePath(name),
      recordPath(name),
    ])
      if (await removeIfThere(this.#state.path(path))) removed.push(this.#state.path(path));
    return removed;
  }

  async #flip(name: CertificateName, version: string): Promise<LiveVersion> {
    const place = this.#place(name, version);
    await replaceLink(place.path, liveTarget(name, version));
    return place;
  }

  /** Reads the link once: what is opened afterwards is opened through the version's own folder. */
  #liveVersion(name: CertificateName): string | undefined {
    const path = this.#state.path(livePath(name));
    const target = targetOf(path);
    if (target === undefined) return undefined;
    const version = versionOfTarget(name, target);
    if (version !== undefined) return version;
    throw unsafeFile(
      path,
      'points to a place where lanacme keeps no version of it',
      `move it away, or point it to ${liveTarget(name, '0001')} (or another version)`,
    );
  }

  #place(name: CertificateName, version: string): LiveVersion {
    return { version, path: this.#state.path(livePath(name)), stamp: stampOf(this.#folder(name, version)) };
  }

  #folder(name: CertificateName, version: string): string {
    return this.#state.path(join(archivePath(name), version));
  }
}

/** In bytes: more than the files of a long chain with an RSA key of 4096 bits take. */
const roomForVersion = 64 * 1024;
const roomForRecord = 16 * 1024;
/** A hundred names of the longest kind. */
const roomForJournal = 64 * 1024;

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (errnoOf(error) !== 'EINVAL') throw fileFailure(error, 'read', link);
    throw unsafeFile(
      link,
      'is not a symbolic link, so lanacme did not make it',
      'move it away, then run lanacme again',
    );
  }
}
