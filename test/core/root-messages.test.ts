import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRootAnswer, parseRootRequest, rootAnswer } from '../../src/core/root-messages.ts';
import { LanacmeError } from '../../src/errors.ts';

describe('a request to root', () => {
  it('names a certificate, and says whether everything is to be run', () => {
    const line = '{"name":"lan.example","force":true}';
    expect(parseRootRequest(line)).toEqual({ name: 'lan.example', force: true });
  });

  it.each([
    ['', 'nothing'],
    ['go', 'no JSON'],
    ['null', 'no object'],
    ['[{"name":"a","force":false}]', 'a list'],
    ['{"name":"a"}', 'too little'],
    ['{"name":"a","force":false,"command":"reboot"}', 'too much'],
    ['{"name":"a","force":1}', 'a number for a truth'],
    ['{"name":"../a","force":false}', 'a path'],
    ['{"name":"..","force":false}', 'the folder above'],
    ['{"name":"a/b","force":false}', 'a folder and a name'],
    ['{"name":"a\\nb","force":false}', 'two lines'],
    ['{"name":"a\\u0000","force":false}', 'a zero'],
    ['{"name":"-rf","force":false}', 'an option'],
    ['{"name":["a"],"force":false}', 'a list of names'],
    [`{"name":"${'a'.repeat(300)}","force":false}`, 'a name that is too long'],
    [`{"name":"a","force":false${' '.repeat(2_000)}}`, 'a line that is too long'],
    ['{"__proto__":{"name":"a","force":true}}', 'a prototype'],
  ])('%j is none: %s', (line) => {
    expect(parseRootRequest(line)).toBeUndefined();
  });

  it('is never anything else, whatever is written', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        const request = parseRootRequest(line);
        if (request !== undefined) expect(request.name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
      }),
    );
  });
});

describe('an answer of root', () => {
  it('is the failures that it had', () => {
    const facts = { hint: 'mend it', details: ['line 1', 'line 2'] };
    const errors = [new LanacmeError('hook.failed', 'the hook failed', facts)];
    expect(parseRootAnswer(rootAnswer(errors))).toEqual(errors);
    expect(parseRootAnswer(rootAnswer([]))).toEqual([]);
  });

  it.each(['', '{}', '{"errors":[7]}', '{"errors":[{"code":"acme.caa","message":1}]}'])(
    '%j is none',
    (line) => {
      expect(parseRootAnswer(line)).toMatchObject([
        { code: 'internal.bug', message: 'root said something that is not an answer' },
      ]);
    },
  );
});
