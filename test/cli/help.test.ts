import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { commands } from '../../src/cli/commands.ts';
import type { CommandName } from '../../src/config/setting.ts';
import { builtNames, settingOf } from '../../src/config/settings.ts';
import { problemsOf } from '../config/made-host.ts';
import { runInProcess } from './run-in-process.ts';

const names = Object.keys(commands) as CommandName[];
const built = [
  'issue',
  'renew',
  'status',
  'revoke',
  'delete',
  'rollback',
  'deploy',
  'cleanup',
  'import',
  'systemd',
  'credentials',
  'verify-session',
] as const;

/** An example may have the shell take what the command prints. */
function commandOf(line: string): string {
  return line.replace(/^session=\$\((.*)\) && eval "\$session"$/, '$1');
}

async function help(argv: readonly string[], columns?: number): Promise<string> {
  const { code, stdout, stderr } = await runInProcess(argv, columns === undefined ? {} : { columns });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('help', () => {
  it('of the program shows every command, and which are not in this version', async () => {
    const text = await help(['--help']);
    for (const name of built) expect(text).toContain(`lanacme ${name} `);
    const later = /Not in this version: ([^.]*)\./.exec(text)?.[1]?.split(/,\s+/);
    expect(later).toEqual(names.filter((name) => !built.some((one) => one === name)));
    expect(text).toContain('Examples:\n  lanacme issue ');
  });

  it.each(built)('of %s shows every option that it takes, its default and its words', async (command) => {
    const text = (await help([command, '--help'])).replace(/\s+/g, ' ');
    for (const name of builtNames) {
      const { commands: takers, secret, help: sentence, default: byDefault, placeholder } = settingOf(name);
      const isShown = takers.includes(command) && secret !== true;
      expect(
        text.includes(`--${name}${placeholder === undefined ? '' : ` ${placeholder}`} ${sentence}`),
      ).toBe(isShown);
      if (isShown && byDefault !== undefined) expect(text).toContain(`[default: ${byDefault}]`);
    }
    expect(text).toContain('LANACME_SOME_NAME');
    expect(text).toContain(commands[command].describe);
  });

  it.each(names)('of %s is there', async (command) => {
    const text = await help([command, '-h']);
    expect(text.startsWith(`lanacme ${commands[command].usage}`)).toBe(true);
    expect(text.includes('Not in this version.')).toBe(!built.some((one) => one === command));
  });

  it('is found in every way that people try, whatever else is wrong', async () => {
    const text = await help(['issue', '--help']);
    expect(await help(['help', 'issue'])).toBe(text);
    expect(await help(['--help', 'issue'])).toBe(text);
    expect(await help(['issue', '--frobnicate', '--domain', '-h'])).toBe(text);
    expect(await help(['help'])).toBe(await help(['--help']));
  });

  it('fits the terminal and is never wider than 100 columns', async () => {
    const widths = async (columns?: number) =>
      Math.max(...(await help(['issue', '--help'], columns)).split('\n').map((line) => line.length));
    expect(await widths()).toBeLessThanOrEqual(100);
    expect(await widths(300)).toBeLessThanOrEqual(100);
    expect(await widths(80)).toBeLessThanOrEqual(80);
  });

  it.each(built.flatMap((command) => commands[command].examples.map(([line]) => [line, command] as const)))(
    'has an example that works: %s',
    async (line, command) => {
      const words = Array.from(
        commandOf(line).matchAll(/'([^']*)'|(\S+)/g),
        ([, quoted, bare]) => quoted ?? bare ?? '',
      );
      const typed = parseArguments(words.slice(1));
      expect(typed.command).toBe(command);
      const rest = { zone: 'lan.example', credentials: 'default' };
      const taken = (['zone', 'credentials'] as const).filter((option) =>
        settingOf(option).commands.includes(command),
      );
      const given = {
        ...Object.fromEntries(taken.map((option) => [option, rest[option]])),
        ...Object.fromEntries(typed.flags),
      };
      // What is for the system is root's to do.
      const uid = typed.flags.has('user') ? 1000 : 0;
      expect(await problemsOf(command, given, { names: typed.names, uid })).toEqual([]);
    },
  );
});
