/** Completions as a shell asks for them. All questions in one bash: its start is what takes time. */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { bashCompletion } from '../../packaging/bash-completion.ts';
import { completedCommands } from '../../packaging/completed-commands.ts';
import { zshCompletion } from '../../packaging/zsh-completion.ts';
import { type CommandText, commands } from '../../src/cli/commands.ts';
import { builtNames, settingOf } from '../../src/config/settings.ts';
import { keyTypes } from '../../src/core/certificate-record.ts';
import { run } from '../support/child-process.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const built = Object.entries<CommandText>(commands).flatMap(([name, command]) =>
  command.built === false ? [] : [name],
);
const optionsOf = (command: string): string[] => [
  ...builtNames
    .filter((option) => settingOf(option).commands.some((taker) => taker === command))
    .filter((option) => settingOf(option).secret !== true)
    .map((option) => `--${option}`),
  '--help',
];

/** What is typed, as bash takes it apart; the last word is the one to complete. STATE has two certificates. */
const rows: readonly (readonly [what: string, words: readonly string[], offered: readonly string[]])[] = [
  ['commands', [''], [...built, '--help', '--version']],
  ['a command that is begun', ['re'], ['renew', 'revoke']],
  ['options of a command', ['renew', '-'], optionsOf('renew')],
  ['options that are begun', ['issue', '--key-'], ['--key-type', '--key-group']],
  ['no option of another command', ['status', '--dom'], []],
  ['no secret as an option', ['issue', '--eab-hmac'], ['--eab-hmac-key-file']],
  ['a choice', ['issue', '--key-type', ''], keyTypes],
  ['a choice, begun', ['issue', '--key-type', 'rsa3'], ['rsa3072']],
  ['a choice behind =', ['issue', '--key-type', '='], keyTypes],
  ['a choice behind =, begun', ['issue', '--key-type', '=', 'ec3'], ['ec384']],
  ['sources of credentials', ['issue', '--credentials', ''], ['iot', 'roles-anywhere', 'default']],
  ['likely words', ['issue', '--server', 'lets'], ['letsencrypt', 'letsencrypt-staging']],
  ['groups', ['issue', '--key-group', 'roo'], ['root']],
  ['users', ['issue', '--owner', 'roo'], ['root']],
  ['files', ['renew', '--config', 'STATE/li'], ['STATE/live']],
  ['nothing where nothing can be known', ['issue', '--domain', ''], []],
  ['names of certificates', ['renew', '--state-dir', 'STATE', ''], ['a.lan.example', 'b.lan.example']],
  ['names, the folder behind =', ['renew', '--state-dir', '=', 'STATE', 'b'], ['b.lan.example']],
  ['as many names as a command takes', ['delete', '--state-dir', 'STATE', 'a.lan.example', ''], []],
  ['names after a switch', ['renew', '--force', '--state-dir', 'STATE', 'a'], ['a.lan.example']],
  ['no names where the folder cannot be read', ['renew', '--state-dir', 'STATE/none', ''], []],
  ['no names for a command that takes none', ['cleanup', '--state-dir', 'STATE', ''], []],
  ['the words of a command', ['systemd', ''], ['install', 'uninstall', 'show']],
  ['none after the first', ['systemd', 'install', ''], []],
  ['a folder behind the word', ['import', 'certbot', 'STATE/li'], ['STATE/live']],
  ['a word that may be left out', ['credentials', ''], ['serve']],
  ['a file', ['verify-session', 'STATE/li'], ['STATE/live']],
  ['no second one', ['verify-session', 'STATE/live', 'STATE/li'], []],
  ['nothing after an unknown command', ['frobnicate', ''], []],
];

/** In the folder where bash asks. */
const injected = 'injected';
let folder: TempFolder;
let offered: readonly string[][];

beforeAll(async () => {
  folder = await makeTempFolder('completion');
  await mkdir(join(folder.path, 'live'));
  for (const name of ['a', 'b'])
    await symlink('../archive', join(folder.path, 'live', `${name}.lan.example`));
  await writeFile(join(folder.path, 'live', 'README'), '');
  // Names that user lanacme can make, for root to complete: a shell would run the first two.
  for (const name of [`$(touch ${injected})`, `\`touch ${injected}\``, 'b\u001b[2J', 'b c'])
    await symlink('../archive', join(folder.path, 'live', name));
  await writeFile(join(folder.path, 'completion'), bashCompletion(completedCommands()));
  await writeFile(join(folder.path, 'ask'), script(rows.map(([, words]) => words)));
  const printed = await run('bash', ['--norc', join(folder.path, 'ask')], {
    cwd: folder.path,
    env: { PATH: process.env['PATH'] },
  });
  offered = printed
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t').filter((word) => word !== ''));
});
afterAll(async () => {
  await folder.remove();
});

/** As bash does on a tab: the function that `complete` has named, with the words in these variables. */
function script(questions: readonly (readonly string[])[]): string {
  const asked = questions.map((words) => `ask ${words.map((word) => `'${inFolder(word)}'`).join(' ')}`);
  return `
set -u
source '${join(folder.path, 'completion')}'
complete -p lanacme | grep -q -- '-F _lanacme lanacme' || exit 1
compopt() { :; }
ask() {
	COMP_WORDS=(lanacme "$@") COMP_CWORD=$#
	_lanacme lanacme "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\\t' "\${COMPREPLY[@]}"
	echo
}
${asked.join('\n')}
`;
}

const inFolder = (word: string): string => word.replace('STATE', folder.path);

describe('completion in bash', () => {
  it.each(rows.map(([what, , expected], index) => [what, expected, index] as const))(
    '%s',
    (_what, expected, index) => {
      expect(offered[index]).toEqual(expected.map(inFolder));
    },
  );
});

test('no name in the state folder is run by the shell that completes it', async () => {
  expect(await readdir(folder.path)).not.toContain(injected);
});

describe('completion in zsh', () => {
  it('has what the tables have, quoted for its shell', () => {
    const text = zshCompletion(completedCommands());
    for (const command of built) expect(text).toContain(`\t${command})\n`);
    expect(text).toContain("'--agree-tos[agree to the CA'\\''s terms of service]'");
    expect(text).toContain(
      "'*--check=[server that must serve the new certificate after the hooks; may be repeated]:HOST\\:PORT[/SNI]: '",
    );
    expect(text).toContain(`:TYPE:(${keyTypes.join(' ')})'`);
  });
});
