import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.ts';
import { groups, variableOf } from '../../src/config/setting.ts';
import { settings } from '../../src/config/settings.ts';
import { problemsOf } from './made-host.ts';
import { envExample, optionTables, withOptionTables } from './settings-documents.ts';

const read = async (name: string) => await readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

describe('documents made from the table of settings (npm run docs)', () => {
  it('.env.example is up to date', async () => {
    expect(await read('.env.example')).toBe(envExample());
  });

  it('the README is up to date', async () => {
    const readme = await read('README.md');
    expect(readme).toBe(withOptionTables(readme));
  });

  it('the tables name every setting', () => {
    const tables = optionTables();
    for (const [option, { secret }] of settings) {
      expect(tables).toMatch(
        secret === true ? `\`${variableOf(option)}=\`` : new RegExp(`\`--${option}[ \`]`),
      );
    }
  });

  it('every example in .env.example is right, alone and together', async () => {
    const lines = envExample().replaceAll(/^#(?=LANACME_)/gm, '');
    const { problems } = parseEnvFile(lines, '/f');
    expect(problems).toEqual([]);
    // The HMAC key stands twice on purpose: as a file and as a variable.
    const files = { '/f': lines.replace(/^LANACME_EAB_HMAC_KEY=.*$/m, '') };
    for (const command of ['issue', 'cleanup', 'status'] as const) {
      expect(await problemsOf(command, { config: '/f' }, { files })).toEqual([]);
    }
  });
});

describe('the table of settings', () => {
  it.each([...settings])('--%s can be documented', (option, setting) => {
    expect(option).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(groups).toContain(setting.group);
    expect(setting.commands.length).toBeGreaterThan(0);
    expect(setting.help).toMatch(/[^.\s]$/);
    expect(setting.placeholder === undefined).toBe(setting.kind === 'boolean');
    if (setting.kind === 'choice') expect(setting.choices).toContain(setting.default ?? setting.choices?.[0]);
  });
});
