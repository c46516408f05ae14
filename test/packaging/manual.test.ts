import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { manPages } from '../../packaging/man-page.ts';
import { descriptions } from '../../packaging/man-texts.ts';
import { typed } from '../../packaging/troff.ts';
import { type CommandText, commands } from '../../src/cli/commands.ts';
import { builtNames, settingOf } from '../../src/config/settings.ts';

const pages = new Map(manPages('1.2.3', new Date('2026-02-03')).map(({ name, text }) => [name, text]));
const built = Object.entries<CommandText>(commands).filter(([, command]) => command.built !== false);

describe('the manual', () => {
  it('has a page for the program and for each command of this version', () => {
    expect([...pages.keys()]).toEqual(['lanacme', ...built.map(([name]) => `lanacme-${name}`)]);
  });

  it('bears version and date', () => {
    expect(pages.get('lanacme-renew')).toMatch(
      /^\.TH "LANACME\\-RENEW" "1" "2026\\-02\\-03" "lanacme 1\.2\.3"\n/,
    );
  });

  it.each(built)(
    'lanacme-%s(1) tells of each of its options, of no other, and of its examples',
    (name, command) => {
      const page = pages.get(`lanacme-${name}`) ?? '';
      expect(Object.keys(descriptions)).toContain(name);
      const told = [...page.matchAll(/^\.TP\n\\fB\\-\\-([a-z0-9\\-]+)\\fR/gm)].map(
        ([, option = '']) => option,
      );
      const taken = builtNames.filter((option) => {
        const { commands: takers, secret } = settingOf(option);
        return secret !== true && takers.some((taker) => taker === name);
      });
      expect(told.map((option) => option.replaceAll('\\', '')).toSorted()).toEqual(
        ['help', ...taken].toSorted(),
      );
      for (const [line] of command.examples) expect(page).toContain(typed(line));
    },
  );

  it.each([...pages])('%s(1) has the sections that one looks for', (_name, page) => {
    const sections = [...page.matchAll(/^\.SH (.*)$/gm)].map(([, title]) => title);
    expect(sections.filter((title) => title !== 'COMMANDS' && title !== 'OPTIONS')).toEqual([
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'ENVIRONMENT',
      'FILES',
      'EXIT STATUS',
      'EXAMPLES',
      'SEE ALSO',
    ]);
  });

  it('has every page that a unit refers to', async () => {
    const folder = new URL('../../systemd/', import.meta.url);
    const units = (await readdir(folder)).filter((name) => /\.(service|timer)$/.test(name));
    const texts = await Promise.all(units.map(async (name) => await readFile(new URL(name, folder), 'utf8')));
    const referred = texts.flatMap((text) =>
      [...text.matchAll(/\bman:([\w-]+)\(1\)/g)].map(([, name = '']) => name),
    );
    expect(referred.length).toBeGreaterThan(2);
    expect([...pages.keys()]).toEqual(expect.arrayContaining(referred));
  });

  it('has no variable for a secret on the page of a command that does not take it', () => {
    expect(pages.get('lanacme-issue')).toContain('LANACME_EAB_HMAC_KEY\\fR');
    expect(pages.get('lanacme-status')).not.toContain('LANACME_EAB_HMAC_KEY');
  });
});
