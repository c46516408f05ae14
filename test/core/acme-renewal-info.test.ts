import { describe, expect, it } from 'vitest';
import { parseRenewalInfo } from '../../src/core/acme-renewal-info.ts';

const url = 'https://ca.example/ari/aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE';
const suggestedWindow = { start: '2025-01-02T04:00:00Z', end: '2025-01-03T04:00:00Z' };
const window = { start: new Date('2025-01-02T04:00:00Z'), end: new Date('2025-01-03T04:00:00Z') };

describe('renewal information', () => {
  it('is a window, with a page that explains it (the example of RFC 9773 §4.2)', () => {
    const explanationURL = 'https://acme.example.com/docs/ari';
    expect(parseRenewalInfo({ suggestedWindow, explanationURL }, url)).toEqual({
      window,
      explanationUrl: explanationURL,
    });
  });

  it.each([
    ['fractions of a second', '2025-01-02T04:00:00.000000001Z'],
    ['another offset', '2025-01-02T05:30:00+01:30'],
    ['lower case, as RFC 3339 allows', '2025-01-02t04:00:00z'],
  ])('may tell its times with %s', (_, start) => {
    expect(parseRenewalInfo({ suggestedWindow: { ...suggestedWindow, start } }, url)).toEqual({ window });
  });

  it.each([
    ['is not JSON of an object', [], /is not an object$/],
    ['has no window', {}, /suggestedWindow is not an object$/],
    ['has no start', { suggestedWindow: { end: suggestedWindow.end } }, /start is not a text$/],
    ['has a number for a time', { suggestedWindow: { ...suggestedWindow, end: 1 } }, /end is not a text$/],
    ['has a date for a time', inWindow({ end: '2025-01-03' }), /end is "2025-01-03", not a time/],
    ['has a month of its own', inWindow({ end: '2025-13-03T00:00:00Z' }), /not a time/],
    ['tells a year of six digits', inWindow({ end: '+012025-01-03T00:00:00Z' }), /not a time/],
    ['tells a time before there were computers', inWindow({ start: '0001-01-01T00:00:00Z' }), /not a time/],
    ['ends as it starts', inWindow({ end: suggestedWindow.start }), /not after/],
    ['ends before it starts', inWindow({ end: '2024-01-01T00:00:00Z' }), /not after/],
  ])('that %s is a bad answer, which its sentence names', (_, json, sentence) => {
    expect(() => parseRenewalInfo(json, url)).toThrow(
      expect.objectContaining({
        code: 'acme.bad-answer',
        message: expect.stringMatching(sentence) as string,
      }) as Error,
    );
  });

  it.each([
    ['is none', 7],
    ['is of another scheme', 'javascript:alert(1)'],
    ['would forge a line', 'https://ca.example/\nerror'],
    ['would colour the screen', 'https://ca.example/\u001b[31m'],
    ['nobody could read', `https://ca.example/${'a'.repeat(500)}`],
  ])('is good without a page that %s', (_, explanationURL) => {
    expect(parseRenewalInfo({ suggestedWindow, explanationURL }, url)).toEqual({ window });
  });
});

function inWindow(change: Partial<typeof suggestedWindow>): object {
  return { suggestedWindow: { ...suggestedWindow, ...change } };
}
