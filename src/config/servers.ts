/** The CAs that `--server` knows by a word, and what a directory URL must be. */
import { quoted } from './parse-value.ts';
import { invalidValue } from './problems.ts';

/** https://letsencrypt.org/docs/acme-protocol-updates/ and /docs/staging-environment/. */
const directoryUrls: ReadonlyMap<string, string> = new Map([
  ['letsencrypt', 'https://acme-v02.api.letsencrypt.org/directory'],
  ['letsencrypt-staging', 'https://acme-staging-v02.api.letsencrypt.org/directory'],
]);

/** Where certificates of this server are tried without being meant: its staging server, if it is known to have one. */
export function stagingOf(url: string): string {
  const staging = directoryUrls.get('letsencrypt-staging');
  return url === directoryUrls.get('letsencrypt') && staging !== undefined ? staging : url;
}

/** The ACME directory URL that a person means. Throws `config.invalid-value`. */
export function directoryUrl(server: string): string {
  const known = directoryUrls.get(server);
  if (known !== undefined) return known;
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined) {
    const words = Array.from(directoryUrls.keys()).join(' and ');
    throw invalidValue(
      `${quoted(server)} is not a URL`,
      `give the URL of an ACME directory; ${words} are known by name`,
    );
  }
  if (url.protocol !== 'https:' || url.username !== '' || url.hash !== '') {
    // RFC 8555 §6.1: "Use of HTTPS is REQUIRED."
    throw invalidValue(
      `${quoted(server)} cannot be an ACME server`,
      'give an https URL without a user and without #',
    );
  }
  return url.href;
}

/** Whether certificates of this server are for trying only: no browser trusts them. */
export function isStaging(url: string): boolean {
  const { hostname } = new URL(url);
  return /(?:^|[.-])(?:staging|stg|test-api)(?:[.-]|$)/.test(hostname);
}
