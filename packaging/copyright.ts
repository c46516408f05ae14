/** The licences of lanacme and of the libraries that are bundled into it, each of which wants its notice to travel with it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { top } from './run.ts';

interface Library {
  readonly name: string;
  readonly license: string;
  /** Its notices, with the text of its licence. */
  readonly text: string;
}

/** On every Debian. */
export const apacheOfDebian = '/usr/share/common-licenses/Apache-2.0';

/**
 * @param folders of the libraries, as `node_modules/NAME`.
 * @param apache where those who read it find the text of Apache-2.0.
 */
export async function copyrightText(folders: readonly string[], apache: string): Promise<string> {
  const libraries = await Promise.all(folders.map(async (folder) => await readLibrary(folder, apache)));
  const byText = new Map<string, string[]>();
  for (const { name, license, text } of libraries) {
    const terms = `License: ${license}\n\n${text.trimEnd()}\n`;
    byText.set(terms, [...(byText.get(terms) ?? []), name]);
  }
  const sections = Array.from(byText, ([terms, names]) => `${names.join(', ')}\n${terms}`);
  return [ownLicense(apache), ...sections].join(`\n${'-'.repeat(79)}\n\n`);
}

const ownLicense = (apache: string): string => `lanacme
Copyright: the authors of lanacme
License: Apache-2.0

The text of this license is in ${apache}.

The program is bundled: its files hold parts of the libraries that follow.
`;

async function readLibrary(folder: string, apache: string): Promise<Library> {
  const path = join(top, folder);
  const { name, version, license, author } = JSON.parse(
    await readFile(join(path, 'package.json'), 'utf8'),
  ) as {
    readonly [member in 'name' | 'version' | 'license']: string;
  } & { readonly author?: string | { readonly name: string } };
  const notices = (await readdir(path))
    .filter((file) => /^(licen[cs]e|notice|copyrightnotice)/i.test(file))
    .toSorted();
  const texts = await Promise.all(notices.map(async (file) => await readFile(join(path, file), 'utf8')));
  const by = typeof author === 'object' ? author.name : author;
  const text = texts.length === 0 ? `Copyright: ${by ?? `the authors of ${name}`}\n` : texts.join('\n');
  return {
    name: `${name} ${version}`,
    license,
    text: license === 'Apache-2.0' ? ofApache(text, apache) : withoutGpl(withoutReturns(text)),
  };
}

/** The notices alone: the license itself is written once. */
function ofApache(text: string, apache: string): string {
  const notices = text.match(/^ *copyright (?:\(c\) )?(?:\d{4}|[A-Z][a-z]+ \d{4}).*$/gim) ?? [];
  return [...new Set(notices.map((line) => line.trim())), `The text of this license is in ${apache}.`].join(
    '\n',
  );
}

/** Of a choice that has the GPL in it, the other one. */
function withoutGpl(text: string): string {
  return text.replace(/\n[^\n]*GNU GENERAL PUBLIC LICENSE[^]*$/i, '\n');
}

function withoutReturns(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}
