/** Pages of the documentation, done by the letter: what they say to write is written, what they say to type is typed. */
import { type Block, readBlocks } from '../support/pages.ts';
import type { Debian } from './debian.ts';

/** A block of a page: lines that belong into a file, or commands. */
export interface Step {
  readonly path?: string;
  readonly text: string;
}

/**
 * The steps of each section, by its title. A block whose first lines have `# /path` is that file's; one that is called
 * nothing at all is for another machine.
 */
export async function readPage(name: string): Promise<ReadonlyMap<string, readonly Step[]>> {
  const sections = await readBlocks(name);
  return new Map(Array.from(sections, ([title, blocks]) => [title, blocks.flatMap(stepIn)]));
}

function stepIn({ language, path, text }: Block): readonly Step[] {
  if (path !== undefined) return [{ path, text }];
  if (language === '') return [];
  if (language === 'sh') return [{ text }];
  throw new Error(`neither a file nor commands:\n${text}`);
}

/** The steps of a section. */
export function stepsOf(page: ReadonlyMap<string, readonly Step[]>, title: string): readonly Step[] {
  const steps = page.get(title);
  if (steps === undefined) throw new Error(`the page has no section ${title}`);
  return steps;
}

/**
 * Does the steps as root would: lines are added to a file, which is made if it is missing.
 *
 * @param changes words of the page that are others on this machine, as ports that are taken.
 */
export async function follow(
  debian: Debian,
  steps: readonly Step[],
  changes: Readonly<Record<string, string>> = {},
): Promise<void> {
  for (const { path, text } of steps) {
    const here = Object.entries(changes).reduce(
      (all, [word, other]) => all.replaceAll(new RegExp(`(?<!\\w)${word}(?!\\w)`, 'g'), other),
      text,
    );
    if (path === undefined) await debian.sh(`set -e; export DEBIAN_FRONTEND=noninteractive\n${here}`);
    else await debian.sh(`mkdir -p "$(dirname '${path}')" && cat >> '${path}'`, here);
  }
}
