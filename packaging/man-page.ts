/** The manual: lanacme(1), and a page for each command, made of the tables of commands and settings. */
import { type CommandText, commands } from '../src/cli/commands.ts';
import { type CommandName, groups, type Setting, variableOf } from '../src/config/setting.ts';
import { builtNames, settingOf } from '../src/config/settings.ts';
import { descriptions, environment, exitCodes, files, programDescription } from './man-texts.ts';
import { argument, asLine, bold, escaped, italic, prose, typed } from './troff.ts';

export interface ManPage {
  /** Without section and suffix. */
  readonly name: string;
  readonly text: string;
}

/** Every page of section 1. */
export function manPages(version: string, date: Date): readonly ManPage[] {
  const page = (name: string, sections: readonly string[]): ManPage => ({
    name,
    text: [titleLine(name, version, date), ...sections, ''].join('\n'),
  });
  const built = builtCommands();
  return [
    page('lanacme', programSections(built)),
    ...built.map(([name, text]) => page(`lanacme-${name}`, commandSections(name, text, built))),
  ];
}

type NamedCommand = readonly [CommandName, CommandText];

function builtCommands(): readonly NamedCommand[] {
  return (Object.entries(commands) as NamedCommand[]).filter(([, { built }]) => built !== false);
}

function titleLine(name: string, version: string, date: Date): string {
  const day = date.toISOString().slice(0, 10);
  const title = `.TH ${[name.toUpperCase(), '1', day, `lanacme ${version}`].map((text) => argument(typed(text))).join(' ')}`;
  // Neither words cut at a hyphen nor gaps between them: half of them are to be typed or looked for.
  return [title, '.nh', '.ad l'].join('\n');
}

function programSections(built: readonly NamedCommand[]): string[] {
  return [
    nameSection('lanacme', 'real TLS certificates for a private network: ACME DNS-01 on Route 53'),
    section('SYNOPSIS', [
      synopsis('COMMAND [NAME …] [options]'),
      synopsis('COMMAND --help'),
      synopsis('--version'),
    ]),
    section('DESCRIPTION', programDescription.map(paragraph)),
    section(
      'COMMANDS',
      built.map(([name, { describe }]) =>
        tagged(bold(name), `${sentence(describe)} See \`lanacme-${name}\`(1).`),
      ),
    ),
    environmentSection(),
    filesSection(),
    exitSection(),
    examplesSection(built.flatMap(([, { examples }]) => examples.slice(0, 1))),
    seeAlso([...built.map(([name]) => `lanacme-${name}(1)`), 'systemctl(1)', 'systemd.timer(5)']),
  ];
}

function commandSections(
  name: CommandName,
  { describe, usage, examples }: CommandText,
  built: readonly NamedCommand[],
): string[] {
  const others = built.map(([other]) => other).filter((other) => other !== name);
  return [
    nameSection(`lanacme-${name}`, describe),
    section('SYNOPSIS', [synopsis(`${usage} [options]`)]),
    section('DESCRIPTION', (descriptions[name] ?? [sentence(describe)]).map(paragraph)),
    optionsSection(name),
    environmentSection(name),
    filesSection(),
    exitSection(),
    examplesSection(examples),
    seeAlso(['lanacme(1)', ...others.map((other) => `lanacme-${other}(1)`)]),
  ];
}

function nameSection(name: string, what: string): string {
  return section('NAME', [`${typed(name)} \\- ${escaped(what)}`]);
}

function section(title: string, lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

/** Words in capitals stand for what the user puts in. */
function synopsis(usage: string): string {
  const words = usage.split(/([A-Z]{2,}|[[\]|…]+|\s+)/).map((word) => {
    if (/^[A-Z]{2,}$/.test(word)) return italic(word);
    return /^[a-z-]/.test(word) && word !== 'options' ? bold(word) : escaped(word);
  });
  return `.PP\n${bold('lanacme')} ${words.join('').trim()}`;
}

function paragraph(text: string): string {
  return `.PP\n${prose(text)}`;
}

function tagged(tag: string, text: string): string {
  return `.TP\n${asLine(tag)}\n${prose(text)}`;
}

function optionsSection(command: CommandName): string {
  const taken = builtNames.map((option) => [option, settingOf(option)] as const);
  const flags = taken.filter(([, setting]) => setting.commands.includes(command) && setting.secret !== true);
  const grouped = groups.flatMap((group) => {
    const rows = flags.filter(([, setting]) => setting.group === group);
    const heading = `.SS ${argument(escaped(group))}`;
    return rows.length === 0 ? [] : [heading, ...rows.map(([option, setting]) => flag(option, setting))];
  });
  return section('OPTIONS', [
    ...grouped,
    `.SS ${argument('Help')}`,
    tagged(bold('--help'), 'Print the options and end.'),
  ]);
}

function flag(option: string, setting: Setting): string {
  const { placeholder } = setting;
  const value = placeholder === undefined ? '' : ` ${italic(placeholder)}`;
  return tagged(`${bold(`--${option}`)}${value}`, meaning(setting));
}

function meaning({ help, choices = [], laterChoices = [], defaultText, default: standard }: Setting): string {
  const words = choices.filter((choice) => !laterChoices.includes(choice));
  const oneOf = words.length > 1 ? ` One of ${words.map((word) => `\`${word}\``).join(', ')}.` : '';
  const byDefault = defaultText ?? (standard === undefined ? undefined : `\`${standard}\``);
  return `${sentence(help)}${oneOf}${byDefault === undefined ? '' : ` Default: ${byDefault}.`}`;
}

/** The help of a setting and of a command begins in lower case and has no period. */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function environmentSection(command?: CommandName): string {
  const secrets = builtNames.filter((option) => {
    const { secret, commands: takers } = settingOf(option);
    return secret === true && (command === undefined || takers.includes(command));
  });
  const own = secrets.map((option) => tagged(bold(variableOf(option)), meaning(settingOf(option))));
  return section('ENVIRONMENT', [...environment.map(([name, what]) => tagged(bold(name), what)), ...own]);
}

function filesSection(): string {
  return section(
    'FILES',
    files.map(([path, what]) => tagged(italic(path), what)),
  );
}

function exitSection(): string {
  return section(
    'EXIT STATUS',
    exitCodes.map(([code, what]) => tagged(bold(code), what)),
  );
}

function examplesSection(examples: CommandText['examples']): string {
  const shown = examples.map(([line, what]) => `.TP\n${asLine(typed(line))}\n${prose(what)}`);
  return section('EXAMPLES', shown);
}

function seeAlso(pages: readonly string[]): string {
  const references = pages.map((page) => {
    const [, name = '', number = ''] = /^(.*)\((\d)\)$/.exec(page) ?? [];
    return `${bold(name)}(${number})`;
  });
  return section('SEE ALSO', [references.join(',\n')]);
}
