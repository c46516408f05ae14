/** What the pages tell people to write and to type exists. (test/booted does two of them by the letter.) */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { variableOf } from '../../src/config/setting.ts';
import { settings } from '../../src/config/settings.ts';

const top = join(import.meta.dirname, '../..');
const docs = (await readdir(join(top, 'docs'))).filter((name) => name.endsWith('.md'));
/** `--foo-bar` stands for any. */
const variables = new Set([...settings.keys(), 'foo-bar'].map(variableOf));

describe.for([
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...docs.map((name) => join('docs', name)),
])('%s', (page) => {
  const text = async (): Promise<string> => await readFile(join(top, page), 'utf8');

  it('names only variables that there are', async () => {
    const named = (await text()).match(/\bLANACME_[A-Z0-9_]*[A-Z0-9]/g) ?? [];
    expect(named.filter((name) => !name.startsWith('LANACME_HOOK_') && !variables.has(name))).toEqual([]);
  });

  it('names only error codes that there are', async () => {
    const errors = await readFile(join(top, 'src/errors.ts'), 'utf8');
    const codes = new Set(Array.from(errors.matchAll(/'([a-z0-9]+\.[a-z0-9-]+)'/g), ([, code = '']) => code));
    const families = new Set([...codes].map((code) => code.replace(/\..*/, '')));
    const named = Array.from(
      (await text()).matchAll(/`([a-z0-9]+)\.([a-z0-9-]{3,})`/g),
      ([, family = '', rest = '']) => ({
        family,
        code: `${family}.${rest}`,
      }),
    );
    const wrong = named.filter(({ family, code }) => families.has(family) && !codes.has(code));
    expect(wrong).toEqual([]);
  });

  it('types only commands and options that there are', async () => {
    for (const [line, command = ''] of (await text()).matchAll(/^(?:sudo )?lanacme ([a-z-]+).*$/gm)) {
      expect(Object.keys(commands), line).toContain(command);
      const options = [...line.matchAll(/ --([a-z-]+)/g)].map(([, option = '']) => option);
      const known = (option: string): boolean => settings.has(option) || option === 'help';
      expect(options.filter((option) => !known(option))).toEqual([]);
    }
  });

  it('links only to files and headings that there are', async () => {
    for (const [, link = ''] of (await text()).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', heading] = link.split('#');
      const file = path === '' ? join(top, page) : join(top, page, '..', path);
      expect(existsSync(file), link).toBe(true);
      if (heading !== undefined) expect(headingsIn(await readFile(file, 'utf8')), link).toContain(heading);
    }
  });
});

/** As GitHub calls them: lower case, without signs, spaces as hyphens. */
function headingsIn(markdown: string): readonly string[] {
  return Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
