/** Finds the Debian archive in apt's configuration, in both of apt's formats (sources.list(5)). */

/** Where a machine gets Debian's packages from. */
export interface DebianArchive {
  /** As in a `URIs` field. */
  readonly uris: string;
  /** As in a `Signed-By` field: key files, fingerprints or a whole key; absent if apt's own keyrings are used. */
  readonly signedBy?: string;
}

const suites = new Set(
  'oldoldstable oldstable stable testing unstable sid bullseye bookworm trixie forky duke'.split(' '),
);

/** The first entry that names a main archive of Debian: not its security archive, not another vendor's. */
export function findDebianArchive(
  files: readonly { readonly name: string; readonly text: string }[],
): DebianArchive | undefined {
  for (const { name, text } of files) {
    const found = name.endsWith('.sources') ? inStanzas(text) : inLines(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The archive's entry for another suite, in the deb822 format. */
export function sourcesFor(archive: DebianArchive, suite: string): string {
  const lines = ['Types: deb', `URIs: ${archive.uris}`, `Suites: ${suite}`, 'Components: main'];
  if (archive.signedBy !== undefined) lines.push(`Signed-By: ${archive.signedBy}`);
  return `${lines.join('\n')}\n`;
}

/** `deb [signed-by=FILE] URI SUITE COMPONENT…` */
function inLines(text: string): DebianArchive | undefined {
  const entries = text.matchAll(/^[ \t]*deb[ \t]+(?:\[([^\]\n]*)\][ \t]*)?(\S+)[ \t]+(\S+)[ \t]+([^#\n]*)/gm);
  for (const [, options = '', uris = '', suite = '', components = ''] of entries) {
    if (!suites.has(suite) || !words(components).includes('main') || uris.startsWith('cdrom:')) continue;
    const signedBy = /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1]?.replaceAll(',', ' ');
    return signedBy === undefined ? { uris } : { uris, signedBy };
  }
  return undefined;
}

/** `Field: value` with continuation lines, an empty line between entries. */
function inStanzas(text: string): DebianArchive | undefined {
  const withoutComments = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  for (const stanza of withoutComments.split(/\n\s*\n/)) {
    const fields = new Map(
      [...stanza.matchAll(/^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)/gm)].map(([, name = '', value = '']) => [
        name.toLowerCase(),
        value.trimEnd(),
      ]),
    );
    const has = (field: string, wanted: (word: string) => boolean): boolean =>
      words(fields.get(field) ?? '').some(wanted);
    const uris = words(fields.get('uris') ?? '').join(' ');
    const isEnabled = !/^(no|false|off|0)$/i.test(fields.get('enabled') ?? 'yes');
    const isArchive =
      has('types', (type) => type === 'deb') &&
      has('suites', (suite) => suites.has(suite)) &&
      has('components', (component) => component === 'main');
    if (!isEnabled || !isArchive || uris === '') continue;
    const signedBy = fields.get('signed-by');
    return signedBy === undefined ? { uris } : { uris, signedBy };
  }
  return undefined;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
