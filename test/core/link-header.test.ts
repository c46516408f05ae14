import { describe, expect, it } from 'vitest';
import { linkTargets } from '../../src/core/link-header.ts';

const base = 'https://ca.example/cert/1';

describe('the alternates in a Link header', () => {
  it.each([
    ['none without a header', undefined, []],
    ['none in one about something else', '<https://ca.example/dir>;rel="index"', []],
    ['one, quoted', '<https://ca.example/a>;rel="alternate"', ['https://ca.example/a']],
    ['one, bare, with space', '<https://ca.example/a> ; rel = alternate', ['https://ca.example/a']],
    ['one among several relations', '<https://ca.example/a>;rel="up Alternate"', ['https://ca.example/a']],
    [
      'one with more parameters',
      '<https://ca.example/a>;title="x, y";rel="alternate"',
      ['https://ca.example/a'],
    ],
    ['relative to the certificate', '</cert/1/2>;rel="alternate"', ['https://ca.example/cert/1/2']],
    [
      'several, with others between',
      '<https://ca.example/a>;rel="alternate", <https://ca.example/dir>;rel="index", <https://ca.example/b>;rel="alternate"',
      ['https://ca.example/a', 'https://ca.example/b'],
    ],
    ['a URL with a comma', '<https://ca.example/a,b>;rel="alternate"', ['https://ca.example/a,b']],
    ['none that is only like it', '<https://ca.example/a>;rel="alternate-ish"', []],
    ['none in garbage', 'alternate <<>>;rel=', []],
  ])('are %s', (_, header, targets) => {
    expect(linkTargets(header, 'alternate', base)).toEqual(targets);
  });
});
