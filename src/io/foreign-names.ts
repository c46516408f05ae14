import { isCertificateName } from '../core/names.ts';
import { layout } from '../core/version-layout.ts';
import { ForeignFolder } from './foreign-folder.ts';

/** The certificates that another user's state folder has records of, as root sees it: the names alone, nothing is opened. */
export function foreignNames(stateDir: string, owner: number): readonly string[] {
  const state = ForeignFolder.open(stateDir, owner);
  try {
    if (!state.names().includes(layout.certificates)) return [];
    const records = state.folder(layout.certificates);
    try {
      return records
        .names()
        .map((name) => name.replace(/\.json$/, ''))
        .filter(isCertificateName);
    } finally {
      records.close();
    }
  } finally {
    state.close();
  }
}
