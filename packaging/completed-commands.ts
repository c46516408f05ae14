/** What can be completed on a command line of lanacme, for any shell: from the tables of commands and settings. */
import { type CommandText, commands } from '../src/cli/commands.ts';
import type { CommandName, Setting } from '../src/config/setting.ts';
import { builtNames, settingOf } from '../src/config/settings.ts';

/** Of a certificate's name, in the regular expressions of both shells; one that looks like an option is typed by hand. */
export const namePattern = '^[A-Za-z0-9_.][A-Za-z0-9._-]*$';

export interface CompletedCommand {
  readonly name: CommandName;
  readonly what: string;
  readonly options: readonly CompletedOption[];
  /** The words that may follow it: a choice at first, or names of certificates. */
  readonly words: readonly string[];
  /** A folder may follow the word. */
  readonly takesFolder: boolean;
  /** Its word is a file. */
  readonly takesFile: boolean;
  /** How many of them may be names of certificates. */
  readonly mostNames: number;
}

export interface CompletedOption {
  /** With its dashes. */
  readonly option: string;
  readonly what: string;
  /** Absent: it takes no value. */
  readonly value?: CompletedValue;
  readonly isRepeatable: boolean;
}

/** What a value may be. `text` cannot be guessed. */
export interface CompletedValue {
  readonly placeholder: string;
  readonly kind: 'words' | 'file' | 'folder' | 'user' | 'group' | 'text';
  /** Of the kind `words` those that there are; else some that are likely. */
  readonly words: readonly string[];
}

export function completedCommands(): readonly CompletedCommand[] {
  const built = (Object.entries(commands) as [CommandName, CommandText][]).filter(
    ([, { built }]) => built !== false,
  );
  return built.map(([name, { describe, usage, mostNames = 0 }]) => {
    const words = wordsOf(usage);
    const takesFolder = / \[?(DIR|FOLDER)\]?$/.test(usage);
    const takesFile = /^\S+ FILE\b/.test(usage);
    const names = words.length > 0 || takesFile ? 0 : mostNames;
    const options = optionsOf(name);
    return { name, what: describe, options, words, takesFolder, takesFile, mostNames: names };
  });
}

/** `systemd install|uninstall|show`, `credentials [serve]`: what follows in lower case is to be typed so. */
function wordsOf(usage: string): readonly string[] {
  const [, first = ''] = usage.split(' ');
  const [, words] = /^\[?([a-z][a-z|-]*)\]?$/.exec(first) ?? [];
  return words?.split('|') ?? [];
}

function optionsOf(command: CommandName): readonly CompletedOption[] {
  const settings = builtNames.map((name) => [name, settingOf(name)] as const);
  const flags = settings.filter(
    ([, setting]) => setting.commands.includes(command) && setting.secret !== true,
  );
  const help = { option: '--help', what: 'print the options and end', isRepeatable: false };
  return [...flags.map(([name, setting]) => completedOption(name, setting)), help];
}

function completedOption(name: string, setting: Setting): CompletedOption {
  const { kind, help, placeholder } = setting;
  const isRepeatable = kind === 'list' || kind === 'commands';
  const value = placeholder === undefined ? {} : { value: completedValue(setting, placeholder) };
  return { option: `--${name}`, what: help, isRepeatable, ...value };
}

const kinds: Readonly<Record<string, CompletedValue['kind']>> = {
  FILE: 'file',
  FOLDER: 'folder',
  USER: 'user',
  GROUP: 'group',
};

function completedValue(setting: Setting, placeholder: string): CompletedValue {
  const { choices, laterChoices = [], kind } = setting;
  const words = choices?.filter((choice) => !laterChoices.includes(choice));
  if (words !== undefined) return { placeholder, kind: 'words', words };
  // `--server`: its default and its example are names, where any URL may stand.
  const likely = placeholder === 'URL' ? [setting.default, setting.example] : [];
  const named = likely.filter((word) => word !== undefined);
  return { placeholder, kind: kind === 'commands' ? 'text' : (kinds[placeholder] ?? 'text'), words: named };
}
