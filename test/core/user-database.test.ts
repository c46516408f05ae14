import { describe, expect, it } from 'vitest';
import { idOf, isAccountName } from '../../src/core/user-database.ts';

const groups = 'root:x:0:\nssl-cert:x:114:postgres,lanacme\nssl:x:115:\nbroken:x::\nodd:x:1e3:\n';

describe('the number of a group', () => {
  it.each<[string, number | undefined]>([
    ['root', 0],
    ['ssl-cert', 114],
    ['ssl', 115],
    ['postgres', undefined],
    ['broken', undefined],
    ['odd', undefined],
    ['', undefined],
  ])('named %s is %s', (name, expected) => {
    expect(idOf(name, groups)).toBe(expected);
  });
});

it.each<[string, boolean]>([
  ['ssl-cert', true],
  ['user@corp.example', true],
  ['CORP\\domain users', true],
  ['_haproxy', true],
  ['-s', false],
  ['', false],
  ['a:b', false],
  ['a\nb', false],
  [' a', false],
  ['a\0', false],
])('%j as the name of an account: %s', (name, expected) => {
  expect(isAccountName(name)).toBe(expected);
});
