import { LanacmeError } from '../errors.ts';

interface Offer {
  readonly url: string;
  readonly profiles: Readonly<Record<string, string>>;
}

/**
 * The profile to send with the order. A name that the CA does not advertise is never sent: the CA would refuse the
 * order, or at finalize (draft-ietf-acme-profiles).
 *
 * @throws LanacmeError `acme.profile-not-offered`, unless falling back is allowed; then there is a warning.
 */
export function profileToAsk(
  wanted: string | undefined,
  directory: Offer,
  mayFallBack: boolean,
): { readonly ask?: string; readonly warning?: string } {
  if (wanted === undefined) return {};
  if (Object.hasOwn(directory.profiles, wanted)) return { ask: wanted };
  const offered = Object.keys(directory.profiles).join(', ');
  const message = `${directory.url} offers no profile "${wanted}"`;
  const instead = offered === '' ? 'it offers none at all' : `it offers ${offered}`;
  if (mayFallBack) return { warning: `${message} (${instead}): ordering with the CA's default` };
  throw new LanacmeError('acme.profile-not-offered', message, {
    hint: `${instead}: change --profile, or allow the CA's default with --profile-fallback`,
  });
}
