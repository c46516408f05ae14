import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { accountPath, ledgerPath } from '../../src/core/account-path.ts';

describe('the folder of an account', () => {
  it.each([
    ['its host', 'https://acme-v02.api.letsencrypt.org/directory', 'acme-v02.api.letsencrypt.org'],
    ['its host and port', 'https://localhost:14000/dir', 'localhost_14000'],
    ['an IPv6 address without what is special in a path', 'https://[::1]:14000/dir', '__1_14000'],
    ['its host alone, no secret of the URL', 'https://user:secret@ca.example/dir?key=x', 'ca.example'],
    [
      'as much of a host as fits',
      `https://${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}/`,
      `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(17)}`,
    ],
  ])('is named after %s', (_, url, host) => {
    const hash = createHash('sha256').update(url).digest('hex');
    expect(accountPath(url)).toBe(`accounts/${host}-${hash.slice(0, 8)}`);
  });

  it('is called like its ledger', () => {
    const url = 'https://ca.example/directory';
    expect(ledgerPath(url)).toBe(`${accountPath(url).replace('accounts/', 'ledger/')}.json`);
  });

  it('is another for another path at the same host', () => {
    expect(accountPath('https://ca.example/a')).not.toBe(accountPath('https://ca.example/b'));
  });
});
