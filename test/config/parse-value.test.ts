import { describe, expect, it } from 'vitest';
import { parseValue } from '../../src/config/parse-value.ts';
import type { Kind, Setting } from '../../src/config/setting.ts';
import { LanacmeError } from '../../src/errors.ts';
import { madeHost } from './made-host.ts';

function setting(kind: Kind, rest: Partial<Setting> = {}): Setting {
  return { kind, group: 'Output', commands: [], help: '', ...rest };
}

function refusal(
  of: Setting,
  ...texts: readonly string[]
): { code: string; message: string; hint: string } | undefined {
  try {
    parseValue(of, texts, madeHost());
    return undefined;
  } catch (error) {
    if (!(error instanceof LanacmeError)) throw error;
    return { code: error.code, message: error.message, hint: error.hint };
  }
}

const word = setting('choice', { choices: ['a', 'b', 'c'], laterChoices: ['c'] });
const time = setting('duration', { bounds: [1000, 3_600_000] });
const days = setting('integer', { bounds: [1, 30] });

describe('parseValue', () => {
  it.each([
    ['text that looks like a number stays text', setting('text'), ['007'], '007'],
    ['text that begins with dashes', setting('text'), ['--x'], '--x'],
    ['true', setting('boolean'), ['true'], true],
    ['1', setting('boolean'), ['1'], true],
    ['false', setting('boolean'), ['false'], false],
    ['0', setting('boolean'), ['0'], false],
    ['one of the words', word, ['b'], 'b'],
    ['a whole number', days, ['30'], 30],
    ['minutes', time, ['10min'], 600_000],
    ['seconds', time, ['600s'], 600_000],
    ['seconds without a unit', time, ['600'], 600_000],
    ['hours', time, ['1h'], 3_600_000],
    ['a time as the documents write it', time, ['10 min'], 600_000],
    ['a list with commas', setting('list'), ['a, b,c'], ['a', 'b', 'c']],
    ['a list given several times', setting('list'), ['a,b', 'c'], ['a', 'b', 'c']],
    ['commands, never split', setting('commands'), ['a, b', 'c\nd'], ['a, b', 'c\nd']],
    ['a relative path', setting('path'), ['x/../y'], '/cwd/y'],
    ['an absolute path', setting('file'), ['/x'], '/x'],
    ['a credential of systemd', setting('file'), ['credential:key'], 'credential:key'],
  ])('reads %s', (_title, row, texts, expected) => {
    expect(parseValue(row, texts, madeHost())).toEqual(expected);
  });

  it.each([
    [
      'nothing',
      setting('text'),
      '',
      'the value is empty',
      'give it a value, or leave it out; one that begins with a dash needs =',
    ],
    [
      'blanks',
      setting('text'),
      '  ',
      'the value is empty',
      'give it a value, or leave it out; one that begins with a dash needs =',
    ],
    [
      'a control character',
      setting('text'),
      'a\x1bb',
      'the value holds a control character',
      'write it as plain text',
    ],
    [
      'NUL in a command',
      setting('commands'),
      'a\0b',
      'the value holds a control character',
      'write it as plain text',
    ],
    [
      'yes for a boolean',
      setting('boolean'),
      'yes',
      '"yes" is neither true nor false',
      'give true, false, 1 or 0',
    ],
    ['another word', word, 'd', '"d" is not possible', 'give a or b'],
    [
      'a number out of bounds',
      days,
      '31',
      '"31" is not a number that fits',
      'give a whole number from 1 to 30',
    ],
    [
      'a number with a sign',
      days,
      '-1',
      '"-1" is not a number that fits',
      'give a whole number from 1 to 30',
    ],
    [
      'a number of another form',
      days,
      '1e1',
      '"1e1" is not a number that fits',
      'give a whole number from 1 to 30',
    ],
    [
      'an unknown unit',
      time,
      '5d',
      '"5d" is not a time that fits',
      'give a time from 1s to 1h, such as 90s, 10min or 600',
    ],
    [
      'a fraction',
      time,
      '1.5h',
      '"1.5h" is not a time that fits',
      'give a time from 1s to 1h, such as 90s, 10min or 600',
    ],
    [
      'a time out of bounds',
      time,
      '2h',
      '"2h" is not a time that fits',
      'give a time from 1s to 1h, such as 90s, 10min or 600',
    ],
    [
      'an empty entry',
      setting('list'),
      'a,,b',
      '"a,,b" has an empty entry',
      'separate the entries with single commas',
    ],
  ])('refuses %s', (_title, row, text, message, hint) => {
    expect(refusal(row, text)).toEqual({ code: 'config.invalid-value', message, hint });
  });

  it('says of a word of a later version that it is one', () => {
    expect(refusal(word, 'c')).toMatchObject({
      code: 'config.not-in-this-version',
      message: 'c is not in this version',
    });
  });

  it('judges every text of a repeated flag', () => {
    expect(refusal(setting('commands'), 'a', ' ')?.message).toBe('the value is empty');
  });

  it('escapes and cuts what it repeats', () => {
    expect(refusal(word, `\u202e${'x'.repeat(300)}`)?.message).toBe(
      `"\\u{202e}${'x'.repeat(199)}… (101 more characters)" is not possible`,
    );
  });
});
