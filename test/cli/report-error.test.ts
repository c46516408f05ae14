import { describe, expect, it } from 'vitest';
import { reportFailure } from '../../src/cli/report-error.ts';
import { type ErrorFacts, LanacmeError } from '../../src/errors.ts';
import type { Log, LogFields } from '../../src/ports.ts';

function reported(facts: Partial<ErrorFacts>, certificate?: string) {
  const lines: [string, string, LogFields?][] = [];
  const log = {
    error: (message: string, fields: LogFields) => lines.push(['error', message, fields]),
    debug: (message: string) => lines.push(['debug', message.replace(/ at .*$/, '')]),
  } as unknown as Log;
  const error = new LanacmeError('route53.unreachable', 'Route 53 cannot be reached', {
    hint: 'check it',
    ...facts,
  });
  reportFailure({ error, certificate }, log);
  return lines;
}

describe('reportFailure', () => {
  it('tells the sentence, the code and the hint', () => {
    expect(reported({})).toEqual([
      [
        'error',
        'Route 53 cannot be reached',
        { code: 'route53.unreachable', certificate: undefined, hint: 'check it' },
      ],
    ]);
  });

  it('tells the details, and which certificate it is about', () => {
    const [[, , fields] = []] = reported({ details: ['a'] }, 'x');
    expect(fields).toEqual({
      code: 'route53.unreachable',
      certificate: 'x',
      details: ['a'],
      hint: 'check it',
    });
  });

  it('tells every cause of the cause at debug level, and all of several', () => {
    const refused = new AggregateError(
      [new Error('::1 refused'), new Error('127.0.0.1 refused')],
      'all failed',
    );
    const cause = new TypeError('fetch failed', { cause: refused });
    expect(reported({ cause }).slice(1)).toEqual([
      ['debug', 'because: TypeError: fetch failed'],
      ['debug', 'because: AggregateError: all failed'],
      ['debug', 'because: Error: ::1 refused'],
      ['debug', 'because: Error: 127.0.0.1 refused'],
    ]);
  });

  it('ends where causes go in a circle', () => {
    const first = new Error('a');
    first.cause = new Error('b', { cause: first });
    expect(reported({ cause: first }).length).toBeLessThan(20);
  });

  it('leaves alone what is thrown without being an error', () => {
    expect(reported({ cause: 'text' })).toHaveLength(1);
  });
});
