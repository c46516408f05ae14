import { describe, expect, it } from 'vitest';
import { endsAt } from '../../src/core/preferred-chain.ts';
import { makeCa } from '../world/pki.ts';

describe('a preferred chain', () => {
  it('is one whose last certificate was issued by the preferred one', async () => {
    const root = await makeCa({ commonName: 'Root X1' });
    expect(endsAt(root.certPem, 'Root X1')).toBe(true);
    expect(endsAt(root.certPem, 'Root X')).toBe(false);
  });

  it('is not a text without a certificate', () => {
    expect(endsAt('nothing here', 'Root X1')).toBe(false);
  });
});
