import { describe, expect, it } from 'vitest';
import { ariCertIdOf } from '../../src/core/ari-cert-id.ts';

const keyIdentifier = Buffer.from('69885B6B87464041E1B37B847BA0AE2CDE01C8D4', 'hex');

describe('the id of a certificate', () => {
  it.each([
    ['is that of RFC 9773 for its example, whose top bit is set', '87654321', 'AIdlQyE'],
    ['has no zero before a serial whose top bit is not', '7f654321', 'f2VDIQ'],
    ['has whole octets of a serial with an odd number of digits', '1', 'AQ'],
    ['takes digits of either case', 'ABCDEF', 'AKvN7w'],
  ])('%s', (_, serial, encoded) => {
    expect(ariCertIdOf(keyIdentifier, serial)).toBe(`aYhba4dGQEHhs3uEe6CuLN4ByNQ.${encoded}`);
  });
});
