import { quoted } from './parse-value.ts';
import { invalidValue } from './problems.ts';

/** Refuses what is not `host`, `host:port`, an address, or `[v6]:port`; the text is kept as it is. */
export function checkHostAndPort(text: string): string {
  if (isAddress(text)) return text;
  const [, address, name, port] =
    /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253}))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isHost = name !== undefined || (address !== undefined && isAddress(address));
  const isPort = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
  if (isHost && isPort) return text;
  throw invalidValue(`${quoted(text)} is not a host`, 'give host, host:port, or [address]:port for IPv6');
}

/** Node's own check takes milliseconds the first time, in every run: only what could be an address is worth them. */
function isAddress(text: string): boolean {
  // `isIPv6` of node:net would say it too, at the price of loading the network into a run that does not need it.
  return /:.*:/.test(text) && URL.canParse(`http://[${text.replace(/%[\w.-]+$/, '')}]`);
}
