import type { LanacmeError } from '../errors.ts';
import { configProblem } from './problems.ts';
import type { SettingName } from './settings.ts';
import type { Values } from './values.ts';

/**
 * One problem for all the settings that something needs and nobody gave.
 *
 * @param what needs them, for the sentence.
 * @param hints better ones, for when that setting is among the missing.
 */
export function missingOf<Name extends SettingName>(
  what: string,
  needed: readonly Name[],
  values: Values,
  hints: { readonly [Missing in Name]?: string },
): readonly LanacmeError[] {
  const missing = needed.filter((name) => !values.mayBeGiven(name));
  if (missing.length === 0) return [];
  const names = missing
    .map((name) => `--${name}`)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' and ');
  const special = missing.map((name) => hints[name]).find((hint) => hint !== undefined);
  const hint = special ?? 'give them, or choose another source with --credentials';
  return [configProblem('config.missing', `${what} need ${names}`, hint)];
}
