import type { BuiltCommand } from '../config/config.ts';
import { nearestName } from '../config/nearest-name.ts';
import { configProblem } from '../config/problems.ts';
import { notInThisVersion } from '../config/refusals.ts';
import { type LanacmeError, SeveralErrors } from '../errors.ts';
import { commands, isBuilt, isCommand } from './commands.ts';

/**
 * The command that is meant, if this version has it. An unknown one is thrown together with the problems of the
 * settings; one of a later version alone, since its settings may be later ones, too.
 */
export function chooseCommand(word: string | undefined, problems: readonly LanacmeError[]): BuiltCommand {
  if (!isCommand(word)) throw new SeveralErrors([unknownCommand(word), ...problems]);
  if (!isBuilt(word)) throw notInThisVersion(`lanacme ${word}`);
  return word;
}

/** The problem that there are more words than the command takes. */
export function unexpectedWords(command: BuiltCommand, words: readonly string[]): readonly LanacmeError[] {
  const { usage, mostNames = 0 } = commands[command];
  return words.slice(mostNames, mostNames + 1).map((word) => {
    const message = `unexpected argument ${JSON.stringify(word)}`;
    return configProblem('config.unexpected-argument', message, `write lanacme ${usage}`);
  });
}

function unknownCommand(word: string | undefined): LanacmeError {
  const hint = 'lanacme --help lists the commands';
  if (word === undefined) return configProblem('config.unknown-command', 'no command is given', hint);
  const nearest = nearestName(word, Object.keys(commands));
  const message = `unknown command ${JSON.stringify(word)}`;
  return configProblem(
    'config.unknown-command',
    message,
    nearest === undefined ? hint : `did you mean ${nearest}?`,
  );
}
