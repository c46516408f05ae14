import { BlockList, isIP, isIPv6 } from 'node:net';
import { LanacmeError } from '../errors.ts';

/** Which way a request goes: through an HTTP proxy, or straight. */
export interface ProxyChoice {
  /** The proxy's URL with its user and password: never to be printed. */
  readonly url: URL;
  /** Whether the server at this URL is asked through it. */
  serves(target: URL): boolean;
}

/**
 * The choice that `HTTPS_PROXY` and `NO_PROXY` make, read as curl reads them: only https is proxied, and a host is exempt
 * only if `NO_PROXY` says so (loopback too).
 */
export function chooseProxy(
  httpsProxy: string | undefined,
  noProxy: string | undefined,
): ProxyChoice | undefined {
  if (httpsProxy === undefined || httpsProxy === '') return undefined;
  const exemptions = (noProxy ?? '').split(/[,\s]+/).filter((entry) => entry !== '');
  return {
    url: proxyUrl(httpsProxy),
    serves: (target) => target.protocol === 'https:' && !exemptions.some((entry) => isExempt(target, entry)),
  };
}

function proxyUrl(text: string): URL {
  const url = text.includes('://') ? text : `http://${text}`;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return new URL(url);
  // The text itself is not repeated: it may hold a password.
  throw new LanacmeError('config.invalid-value', 'HTTPS_PROXY is not the URL of an HTTP proxy', {
    hint: 'write it as http://host:port or https://host:port, with user:password@ before the host if needed',
    outcome: 'usage',
  });
}

/** An entry is `*`, a name that stands for itself and all below it, an address, a CIDR block, or one of them with `:port`. */
function isExempt(target: URL, entry: string): boolean {
  if (entry === '*') return true;
  const { host, port } = splitPort(entry);
  if (port !== undefined && port !== (target.port === '' ? '443' : target.port)) return false;
  const asked = unbracketed(target.hostname);
  if (isIP(asked) !== 0) return isAddressIn(asked, host);
  const name = host.replace(/^\*?\./, '');
  return asked === name || asked.endsWith(`.${name}`);
}

function splitPort(entry: string): { readonly host: string; readonly port?: string } {
  const [, host, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
  if (host === undefined || port === undefined) return { host: unbracketed(entry.toLowerCase()) };
  return { host: unbracketed(host.toLowerCase()), port };
}

function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

function isAddressIn(address: string, block: string): boolean {
  const [network = '', bits] = block.split('/');
  if (isIP(network) === 0) return false;
  const longest = isIPv6(network) ? 128 : 32;
  const prefix = bits === undefined ? longest : Number(bits);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > longest) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, familyOf(network));
  return list.check(address, familyOf(address));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
