/** The documents that are made from the table of settings: `.env.example` and the tables of the README. */
import { type Group, groups, type Setting, variableOf } from '../../src/config/setting.ts';
import { settings } from '../../src/config/settings.ts';

const header = `# lanacme reads this file from /etc/lanacme/lanacme.env, or from where --config or LANACME_CONFIG says.
# NAME=value a line; quotes around a value are optional; nothing is expanded, nothing continued.
# Every line is also an option (LANACME_DNS_TIMEOUT is --dns-timeout) and may stand in the environment instead.
# It may also hold AWS_*, HTTPS_PROXY and NO_PROXY. Keep it readable for lanacme alone if it holds a secret.
`;

/** The text of `.env.example`: every setting of this version that the file may hold, each with a value that is right. */
export function envExample(): string {
  const sections = groups.flatMap((group) => {
    const lines = of(group).flatMap(([option, setting]) => exampleLines(option, setting));
    return lines.length === 0 ? [] : [`# ---- ${group} ----\n\n${lines.join('\n\n')}\n`];
  });
  return [header, ...sections].join('\n');
}

function exampleLines(option: string, setting: Setting): string[] {
  if (setting.built === false || setting.notInFile === true) return [];
  const words = possible(setting);
  const oneOf = words.length > 1 ? ` (${words.join(' ')})` : '';
  const comment = `# ${setting.help}${oneOf}${shown('; default: ', setting.defaultText ?? setting.default)}`;
  return [`${comment}\n#${variableOf(option)}=${setting.example ?? setting.default ?? 'true'}`];
}

/** The README's tables, a heading each; settings of later versions are marked. */
export function optionTables(): string {
  return groups.map((group) => table(group)).join('\n');
}

function table(group: Group): string {
  const rows = of(group).map(([option, setting]) => `| ${tableRow(option, setting).map(cell).join(' | ')} |`);
  return [`#### ${group}`, '', '| option | meaning | default |', '| --- | --- | --- |', ...rows, ''].join(
    '\n',
  );
}

function tableRow(option: string, setting: Setting): string[] {
  const name =
    setting.secret === true ? `${variableOf(option)}=` : `--${option}${shown(' ', setting.placeholder)}`;
  const words = possible(setting);
  const oneOf = words.length > 1 ? `: ${words.map((word) => `\`${word}\``).join(' ')}` : '';
  const later = setting.built === false ? ' (not in this version)' : '';
  const byDefault = setting.defaultText ?? (setting.default === undefined ? '' : `\`${setting.default}\``);
  return [`\`${name}\``, `${setting.help}${oneOf}${later}`, byDefault];
}

function of(group: Group): [string, Setting][] {
  return [...settings].filter(([, setting]) => setting.group === group);
}

function possible({ choices = [], laterChoices = [] }: Setting): readonly string[] {
  return choices.filter((choice) => !laterChoices.includes(choice));
}

function shown(before: string, text: string | undefined): string {
  return text === undefined ? '' : `${before}${text}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\*(?=\.)/g, '\\*');
}

const optionMarkers = ['<!-- options -->\n', '<!-- /options -->'] as const;

/** The README with its tables made anew. */
export function withOptionTables(readme: string): string {
  const [open, close] = optionMarkers;
  const start = readme.indexOf(open) + open.length;
  const end = readme.indexOf(close);
  if (start < open.length || end < start) throw new Error(`the README lacks ${open.trim()} and ${close}`);
  return `${readme.slice(0, start)}\n${optionTables()}\n${readme.slice(end)}`;
}
