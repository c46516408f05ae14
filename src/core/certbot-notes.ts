import type { CertbotRenewal } from './certbot-renewal.ts';
import type { DnsName } from './names.ts';

/** What is different here for a certificate that certbot renewed so: a sentence each. */
export function notesOn(renewal: CertbotRenewal, zone: DnsName, folder: string): readonly string[] {
  return [...validation(renewal, zone), ...hooks(renewal, folder), ...renewals(renewal)];
}

function validation({ authenticator, manualHooks }: CertbotRenewal, zone: DnsName): readonly string[] {
  const notes: string[] = [];
  if (authenticator !== 'dns-route53')
    notes.push(
      `certbot proved its names by ${authenticator}: from now on it is dns-01, in the Route 53 zone ${zone}`,
    );
  if (manualHooks.length > 0)
    notes.push(`${manualHooks.join(' and ')} are not taken over: lanacme publishes its challenges itself`);
  return notes;
}

function hooks(
  { installer, preHook, postHook, deployHook }: CertbotRenewal,
  folder: string,
): readonly string[] {
  const notes: string[] = [];
  if (installer !== undefined)
    notes.push(
      `certbot's plug-in ${installer} changed the server's configuration and reloaded it: write the new paths there, and give a hook (LANACME_DEPLOY_HOOK=systemctl reload ${installer})`,
    );
  for (const [event, command] of [
    ['pre', preHook],
    ['post', postHook],
  ] as const)
    if (command !== undefined)
      notes.push(
        `its ${event}-hook is not taken over; to run it around all orders of a run, write into the env file: LANACME_${event.toUpperCase()}_HOOK=${command}`,
      );
  if (deployHook !== undefined) notes.push(...notesOnHook('its deploy hook', deployHook, folder));
  return notes;
}

/** A hook that knows where certbot's files are goes on with the old ones. */
export function notesOnHook(what: string, text: string, folder: string): readonly string[] {
  return text.includes(folder)
    ? [`${what} names ${folder}, where nothing is renewed any more: let it use $RENEWED_LINEAGE`]
    : [];
}

function renewals({ mustStaple, allowsSubset, isLeftAlone }: CertbotRenewal): readonly string[] {
  const notes: string[] = [];
  if (mustStaple) notes.push('lanacme asks for no OCSP must-staple: the next certificate is without it');
  if (allowsSubset) notes.push('lanacme renews all of its names or none (allow_subset_of_names)');
  if (isLeftAlone) notes.push('certbot was told not to renew it (autorenew = False): lanacme renew does');
  return notes;
}
