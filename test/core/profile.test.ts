import { describe, expect, it } from 'vitest';
import { profileToAsk } from '../../src/core/profile.ts';

const ca = { url: 'https://ca.example/dir', profiles: { classic: 'the usual', shortlived: 'six days' } };
const plain = { url: 'https://ca.example/dir', profiles: {} };

describe('the profile of an order', () => {
  it('is left out when none is wanted', () => {
    expect(profileToAsk(undefined, ca, false)).toEqual({});
  });

  it('is the wanted one when the CA offers it', () => {
    expect(profileToAsk('shortlived', ca, false)).toEqual({ ask: 'shortlived' });
  });

  it.each(['tlsclient', 'toString', '__proto__'])(
    'is never sent when the CA does not offer it: %s',
    (wanted) => {
      expect(() => profileToAsk(wanted, ca, false)).toThrow(
        expect.objectContaining({
          code: 'acme.profile-not-offered',
          message: `https://ca.example/dir offers no profile "${wanted}"`,
          hint: "it offers classic, shortlived: change --profile, or allow the CA's default with --profile-fallback",
        }),
      );
    },
  );

  it("falls back to the CA's default with a warning when that is allowed", () => {
    expect(profileToAsk('shortlived', plain, true)).toEqual({
      warning:
        'https://ca.example/dir offers no profile "shortlived" (it offers none at all): ordering with the CA\'s default',
    });
  });
});
