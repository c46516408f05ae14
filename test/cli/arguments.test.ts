import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../src/cli/arguments.ts';
import { settings } from '../../src/config/settings.ts';

/** What is typed, and what is read of it: command, names, flags. */
const rows: readonly (readonly [string, readonly string[], readonly unknown[]])[] = [
  ['a command', ['issue'], ['issue', [], {}]],
  ['nothing', [], [undefined, [], {}]],
  ['names after the command', ['status', 'a', '007'], ['status', ['a', '007'], {}]],
  [
    'options before and after the command',
    ['--zone', 'z', 'issue', '--name=n'],
    ['issue', [], { zone: ['z'], name: ['n'] }],
  ],
  [
    'a value that looks like a number',
    ['issue', '--iot-thing-name', '007'],
    ['issue', [], { 'iot-thing-name': ['007'] }],
  ],
  ['a value that looks like true', ['issue', '--name', 'true'], ['issue', [], { name: ['true'] }]],
  ['a value with =', ['issue', '--deploy-hook=a=b'], ['issue', [], { 'deploy-hook': ['a=b'] }]],
  [
    'a value that begins with dashes',
    ['issue', '--deploy-hook=--x y'],
    ['issue', [], { 'deploy-hook': ['--x y'] }],
  ],
  [
    'a value in quotes keeps them',
    ['issue', `--deploy-hook='a' 'b'`, '--name', '"n"'],
    ['issue', [], { 'deploy-hook': [`'a' 'b'`], name: ['"n"'] }],
  ],
  ['a value with line ends', ['issue', '--deploy-hook=a\nb'], ['issue', [], { 'deploy-hook': ['a\nb'] }]],
  [
    'an option several times',
    ['issue', '--domain', 'a', '--domain=b,c'],
    ['issue', [], { domain: ['a', 'b,c'] }],
  ],
  ['a bare boolean', ['issue', '--force', '--json'], ['issue', [], { force: ['true'], json: ['true'] }]],
  ['a bare boolean takes no name away', ['status', '--json', 'x'], ['status', ['x'], { json: ['true'] }]],
  [
    'a boolean with a value keeps it',
    ['issue', '--force=maybe', '--json=0'],
    ['issue', [], { force: ['maybe'], json: ['0'] }],
  ],
  ['--no-hooks is a name of its own', ['renew', '--no-hooks'], ['renew', [], { 'no-hooks': ['true'] }]],
  ['an option without its value is empty', ['issue', '--zone'], ['issue', [], { zone: [''] }]],
  [
    'so is one before another option',
    ['issue', '--zone', '--name', 'n'],
    ['issue', [], { zone: [''], name: ['n'] }],
  ],
  ['and one with nothing behind =', ['issue', '--zone='], ['issue', [], { zone: [''] }]],
  ['one dash is not two', ['issue', '-zone=x', '-q'], ['issue', [], { '-zone': ['x'], '-q': ['true'] }]],
  ['dots do not make objects', ['issue', '--zone.x=1'], ['issue', [], { 'zone.x': ['1'] }]],
  [
    'unknown options are kept',
    ['issue', '--zonne', '1e3', '--x'],
    ['issue', [], { zonne: ['1e3'], x: ['true'] }],
  ],
  ['behind -- stand names', ['status', '--', '--json'], ['status', ['--json'], {}]],
];

describe('parseArguments', () => {
  it.each(rows)('%s', (_title, argv, [command, names, flags]) => {
    const typed = parseArguments(argv);
    expect([typed.command, typed.names, Object.fromEntries(typed.flags)]).toEqual([command, names, flags]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('--%s reaches no prototype', (name) => {
    const { flags } = parseArguments(['issue', `--${name}=x`, `--${name}.polluted=x`]);
    expect(flags.size).toBe(2);
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
    expect([...flags.keys()].some((flag) => settings.has(flag))).toBe(false);
  });
});
