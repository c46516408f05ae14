import { checkHostAndPort } from './host-and-port.ts';
import { quoted } from './parse-value.ts';
import { invalidValue } from './problems.ts';

/** Refuses what is not `HOST:PORT` or `HOST:PORT/SNI`; the text is kept as it is. */
export function servedTarget(text: string): string {
  const [, address = '', sni] = /^([^/]*)(?:\/(.*))?$/.exec(text) ?? [];
  const hasPort = /:\d{1,5}$/.test(address) && (!/:.*:/.test(address) || address.startsWith('['));
  if (!hasPort || (sni !== undefined && !/^[A-Za-z0-9._-]{1,253}$/.test(sni))) {
    throw invalidValue(
      `${quoted(text)} is not HOST:PORT or HOST:PORT/SNI`,
      'give it like localhost:443 or localhost:443/nas.lan.example',
    );
  }
  checkHostAndPort(address);
  return text;
}
