import type { IdentitySource } from '../core/identity-life.ts';
import type { Values } from './values.ts';

/** The certificate that this host is known by at AWS, if it has one; that the rest of the identity is there is not asked. */
export function checkIdentityFile(values: Values): IdentitySource | undefined {
  const source = values.get('credentials');
  if (source === 'default') return undefined;
  const file = values.get(source === 'iot' ? 'iot-cert' : 'roles-anywhere-cert');
  return file === undefined ? undefined : { source, file };
}
