import { type CertificateFacts, certificateFacts } from '../core/certificate-facts.ts';
import type { CertificateName } from '../core/names.ts';
import { layout, versionOfTarget } from '../core/version-layout.ts';
import type { LanacmeError } from '../errors.ts';
import { unsafeFile } from './file-failure.ts';
import { ForeignFolder } from './foreign-folder.ts';

export interface ForeignCertificate {
  readonly version: string;
  /** What the certificate itself says. */
  readonly facts: CertificateFacts;
}

/**
 * Reads the live version of a certificate in another user's state folder, as root. Every file in it is judged, since
 * hooks of root may copy any of them.
 *
 * @throws LanacmeError `state.unsafe` for whatever lanacme would not have put there.
 */
export function readForeignCertificate(
  stateDir: string,
  owner: number,
  name: CertificateName,
): ForeignCertificate {
  return within(ForeignFolder.open(stateDir, owner), (state) => {
    const version = within(state.folder(layout.live), (live) => liveVersion(live, name));
    return within(state.folder(layout.archive), (archive) =>
      within(archive.folder(name), (versions) =>
        within(versions.folder(version), (files) => ({ version, facts: factsIn(files) })),
      ),
    );
  });
}

function liveVersion(live: ForeignFolder, name: CertificateName): string {
  const target = live.link(name);
  const version = target === undefined ? undefined : versionOfTarget(name, target);
  if (version !== undefined) return version;
  throw unsafeFile(
    `${live.path}/${name}`,
    target === undefined
      ? 'is missing'
      : `does not point to a version in ${layout.archive}/${name}: root follows no other link`,
    `lanacme makes it: see lanacme status ${name}`,
  );
}

/** Names of files that lanacme puts there. */
const known = new Set([
  'privkey.pem',
  'cert.pem',
  'chain.pem',
  'fullchain.pem',
  'combined.pem',
  'bundle.p12',
]);

function factsIn(files: ForeignFolder): CertificateFacts {
  for (const file of files.names()) {
    if (!known.has(file)) throw unknownFile(files, file);
    files.text(file);
  }
  return certificateFacts(files.text('cert.pem'));
}

function unknownFile(files: ForeignFolder, file: string): LanacmeError {
  const what = 'is not a file of lanacme: root does not touch it';
  return unsafeFile(
    `${files.path}/${JSON.stringify(file).slice(1, -1)}`,
    what,
    'see who put it there, and move it away',
  );
}

function within<T>(folder: ForeignFolder, body: (folder: ForeignFolder) => T): T {
  try {
    return body(folder);
  } finally {
    folder.close();
  }
}
