import { describe, expect, it } from 'vitest';
import { idOf, isAccountName, userEntry } from '../../src/core/user-database.ts';

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

const users = [
  'root:x:0:0:root:/root:/bin/bash',
  'lanacme:x:996:995:lanacme, TLS certificates:/var/lib/lanacme:/usr/sbin/nologin',
  'second:x:996:1::/:',
  'odd:x:7:1e1::/odd:',
  ':x:8:8::/:',
  'short:x:9:9',
].join('\n');

it.each<[string | number, ReturnType<typeof userEntry>]>([
  [0, { name: 'root', uid: 0, gid: 0, home: '/root' }],
  [996, { name: 'lanacme', uid: 996, gid: 995, home: '/var/lib/lanacme' }],
  ['second', { name: 'second', uid: 996, gid: 1, home: '/' }],
  ['996', undefined],
  ['odd', undefined],
  ['', undefined],
  [7, undefined],
  [8, undefined],
  [9, { name: 'short', uid: 9, gid: 9, home: '' }],
  [99, undefined],
])('the entry of user %j: the first of that name or number', (uid, expected) => {
  expect(userEntry(uid, users)).toEqual(expected);
});
