import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../src/config/env-file.ts';

describe('parseEnvFile', () => {
  it.each([
    ['a value as it stands', 'A=b c', 'b c'],
    ['blanks around the value are dropped', '  A=  b  ', 'b'],
    ['an empty value', 'A=', ''],
    ['double quotes around the value', 'A=" b "', ' b '],
    ['single quotes around the value', 'A=\'b "c"\'', 'b "c"'],
    ['quotes inside the value', 'A=say "hi"', 'say "hi"'],
    ['nothing is expanded', 'A=$HOME/${X} `id` \\n', '$HOME/${X} `id` \\n'],
    ['# inside a value', 'A=b # c', 'b # c'],
    ['= inside a value', 'A=b=c', 'b=c'],
    ['a line end of Windows', 'A=b\r', 'b'],
    ['a byte order mark', '\uFEFFA=b', 'b'],
  ])('reads %s', (_title, line, expected) => {
    expect(parseEnvFile(line, '/f')).toEqual({
      lines: [{ name: 'A', text: expected, line: 1 }],
      problems: [],
    });
  });

  it('skips blank lines and comments and counts them', () => {
    expect(parseEnvFile('\n# A=1\n  # B=2\n\nC=3\n', '/f')).toEqual({
      lines: [{ name: 'C', text: '3', line: 5 }],
      problems: [],
    });
  });

  it.each([
    ['no =', 'LANACME_ZONE', 'config.env-file-syntax', 'line 1 of /f: not of the form NAME=value'],
    ['a blank before =', 'A =b', 'config.env-file-syntax', 'line 1 of /f: not of the form NAME=value'],
    ['export', 'export A=b', 'config.env-file-syntax', 'line 1 of /f: not of the form NAME=value'],
    [
      'an open quote',
      'A="b',
      'config.env-file-syntax',
      'line 1 of /f: A has a quote that is not closed at its end',
    ],
    [
      'text behind a quote',
      'A="b" c',
      'config.env-file-syntax',
      'line 1 of /f: A has a quote that is not closed at its end',
    ],
    [
      'a lone quote',
      "A='",
      'config.env-file-syntax',
      'line 1 of /f: A has a quote that is not closed at its end',
    ],
    [
      'two quoted parts',
      'A="b""c"',
      'config.env-file-syntax',
      'line 1 of /f: A has a quote that is not closed at its end',
    ],
    ['a continued line', 'A=b\\', 'config.env-file-syntax', 'line 1 of /f: A ends with a backslash'],
    [
      'a control character',
      'A=b\x1b[2J',
      'config.env-file-syntax',
      'line 1 of /f: A holds a control character',
    ],
    ['a name given twice', 'A=b\nA=c', 'config.duplicate', 'line 2 of /f: A is given twice, first in line 1'],
  ])('refuses %s', (_title, text, code, message) => {
    const [problem, ...others] = parseEnvFile(text, '/f').problems;
    expect({ code: problem?.code, message: problem?.message, outcome: problem?.outcome }).toEqual({
      code,
      message,
      outcome: 'usage',
    });
    expect(others).toEqual([]);
  });

  it('reports every wrong line and reads the others', () => {
    const { lines, problems } = parseEnvFile('A=1\nwrong\nB="\nC=3', '/f');
    expect(lines.map(({ name }) => name)).toEqual(['A', 'C']);
    expect(problems.map(({ message }) => message)).toEqual([
      'line 2 of /f: not of the form NAME=value',
      'line 3 of /f: B has a quote that is not closed at its end',
    ]);
  });

  it('never repeats a value, which may be a secret', () => {
    const { problems } = parseEnvFile('hunter2\nA="hunter2\nB=hunter2\nB=hunter2\nC=hunter2\\', '/f');
    expect(problems).toHaveLength(4);
    expect(JSON.stringify(problems.map(({ message, hint }) => [message, hint]))).not.toContain('hunter2');
  });
});
