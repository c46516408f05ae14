/** What was typed, exactly: yargs' parser splits argv, and is kept from guessing at values. */
// Not by way of yargs, which also lays out pages of help: that takes longer to load than Node itself.
import parse from 'yargs-parser';
import { settings } from '../config/settings.ts';

export interface Arguments {
  /** The first word that is no option. */
  readonly command: string | undefined;
  /** The words after it. */
  readonly names: readonly string[];
  /** By option name without dashes, known or not; a missing value is empty. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
}

/** A value is never a number, a path of keys or a second meaning of an option: `--no-hooks` is a name, 007 a thing. */
const configuration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
};

export function parseArguments(argv: readonly string[]): Arguments {
  const { _: words, ...options } = parse(spelledOut(argv), { string: [...settings.keys()], configuration });
  const [command, ...names] = words.map(String);
  const flags = Object.entries(options).map(
    ([option, value]) => [option, [value].flat().map(String)] as const,
  );
  return { command, names, flags: new Map(flags) };
}

/**
 * The arguments in the one spelling that yargs' parser leaves as it is:
 * - a bare `--force` becomes `--force=true`: as a boolean of yargs, `--force=maybe` would silently be false
 * - `--hook='a' 'b'` gets quotes around its value: yargs takes a pair of quotes off what stands behind `=`
 * - `-zone` becomes `---zone`, an unknown option: yargs would take it for `--zone`
 */
function spelledOut(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const options = end === -1 ? argv : argv.slice(0, end);
  const spelled = options.map((argument) => {
    if (/^-[^-\d]/.test(argument)) return `--${argument}`;
    if (argument.startsWith('--') && settings.get(argument.slice(2))?.kind === 'boolean')
      return `${argument}=true`;
    return argument.replace(/^(--[^=]+=)((["'])[^]*\3)$/, '$1"$2"');
  });
  return [...spelled, ...argv.slice(options.length)];
}
