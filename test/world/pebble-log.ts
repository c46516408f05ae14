/** Reads the ACME requests out of Pebble's log. */

export const acmeResources = [
  'directory',
  'newNonce',
  'newAccount',
  'account',
  'newOrder',
  'order',
  'authorization',
  'challenge',
  'finalize',
  'certificate',
  'keyChange',
  'revokeCert',
  'renewalInfo',
  'other',
] as const;
export type AcmeResource = (typeof acmeResources)[number];

export interface AcmeRequest {
  readonly method: string;
  /** Pebble's name of the endpoint: it does not log the rest of the path. */
  readonly path: string;
  readonly resource: AcmeResource;
}

const resources: readonly (readonly [prefix: string, AcmeResource])[] = [
  ['/dir', 'directory'],
  ['/nonce-plz', 'newNonce'],
  ['/sign-me-up', 'newAccount'],
  ['/my-account/', 'account'],
  ['/list-orderz/', 'account'],
  ['/order-plz', 'newOrder'],
  ['/my-order/', 'order'],
  ['/authZ/', 'authorization'],
  ['/chalZ/', 'challenge'],
  ['/finalize-order/', 'finalize'],
  ['/certZ/', 'certificate'],
  ['/rollover-account-key', 'keyChange'],
  ['/revoke-cert', 'revokeCert'],
];

/** The request that a line tells of: `Pebble 2026/11/22 18:00:05 HEAD /nonce-plz -> calling handler()`. */
export function requestInLog(line: string): AcmeRequest | undefined {
  const match = /^Pebble \S+ \S+ ([A-Z]+) (\/\S*) -> calling handler/.exec(line);
  const [, method, path] = match ?? [];
  if (method === undefined || path === undefined) return undefined;
  return { method, path, resource: resourceAt(path) };
}

/** What a path of Pebble's is for. */
export function resourceAt(path: string): AcmeResource {
  const known = resources.find(([prefix]) => path.startsWith(prefix))?.[1];
  return known ?? (path.includes('/renewalInfo/') ? 'renewalInfo' : 'other');
}
