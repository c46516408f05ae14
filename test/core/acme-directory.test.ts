import { describe, expect, it } from 'vitest';
import { parseDirectory } from '../../src/core/acme-directory.ts';

const url = 'https://ca.example/dir';
const resources = {
  newNonce: 'https://ca.example/nonce',
  newAccount: 'https://ca.example/account',
  newOrder: 'https://ca.example/order',
};

describe('a directory', () => {
  it('with the least a CA must have offers nothing more', () => {
    expect(parseDirectory(resources, url)).toEqual({
      url,
      ...resources,
      caaIdentities: [],
      externalAccountRequired: false,
      profiles: {},
    });
  });

  it('is read whole', () => {
    const meta = {
      termsOfService: 'https://ca.example/terms',
      caaIdentities: ['ca.example', 7],
      externalAccountRequired: true,
      profiles: { classic: 'ninety days', broken: 1, constructor: 'a name like any other' },
      website: 'https://ca.example',
    };
    const renewalInfo = 'https://ca.example/ari';
    const directory = parseDirectory(
      { ...resources, renewalInfo, meta, 'x-random': 'https://example.org' },
      url,
    );
    expect(directory).toMatchObject({
      termsOfService: 'https://ca.example/terms',
      caaIdentities: ['ca.example'],
      externalAccountRequired: true,
      renewalInfo,
    });
    expect(Object.entries(directory.profiles)).toEqual([
      ['classic', 'ninety days'],
      ['constructor', 'a name like any other'],
    ]);
    expect('toString' in directory.profiles).toBe(false);
  });

  it.each(['newNonce', 'newAccount', 'newOrder'])('without %s is none', (member) => {
    expect(() => parseDirectory({ ...resources, [member]: undefined }, url)).toThrow(
      `bad answer of the CA: the directory https://ca.example/dir: ${member} is not a text`,
    );
  });
});
