/** The pages of docs/, as whoever follows them reads them: what is to be written and what is to be typed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands between two lines of backticks. */
export interface Block {
  /** `sh`, `ini`, `json`, …; empty if it is called nothing. */
  readonly language: string;
  readonly text: string;
  /** Of the file that it belongs into, if its first lines have `# /path`. */
  readonly path?: string;
}

/** The blocks of each section, by its title. */
export async function readBlocks(page: string): Promise<ReadonlyMap<string, readonly Block[]>> {
  const text = await readFile(join(import.meta.dirname, '../../docs', page), 'utf8');
  const sections = text.split(/^## /m).slice(1);
  return new Map(sections.map((section) => [section.split('\n', 1)[0] ?? '', blocksIn(section)]));
}

function blocksIn(section: string): readonly Block[] {
  const found = section.matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return Array.from(found, ([, language = '', text = '']) => {
    const path = /^(?:#!.*\n)?# (\/\S+)\n/.exec(text)?.[1];
    return { language, text, ...(path === undefined ? {} : { path }) };
  });
}

/** Those of a section, or of one kind in it. */
export function blocksOf(
  page: ReadonlyMap<string, readonly Block[]>,
  title: string,
  language?: string,
): readonly Block[] {
  const blocks = page.get(title);
  if (blocks === undefined) throw new Error(`the page has no section ${title}`);
  return language === undefined ? blocks : blocks.filter((block) => block.language === language);
}
