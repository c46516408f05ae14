import type { LanacmeError } from '../errors.ts';
import type { AccountConfig, CaConfig, ExternalAccount, OrderingConfig } from './config.ts';
import { quoted } from './parse-value.ts';
import { configProblem, invalidValue, type Problems } from './problems.ts';
import { directoryUrl } from './servers.ts';
import type { Values } from './values.ts';

/** Which CA; undefined if a problem was noted. */
export function checkCa(values: Values, problems: Problems): CaConfig | undefined {
  const url = problems.attempt(values.origin('server'), () => directoryUrl(values.get('server')));
  const rootsFile = values.get('server-ca');
  return url === undefined
    ? undefined
    : { directoryUrl: url, ...(rootsFile === undefined ? {} : { rootsFile }) };
}

/** How any CA is reached and dealt with. */
export function checkOrdering(values: Values): OrderingConfig {
  const [rootsFile, limits] = [values.get('server-ca'), values.get('ca-limits')];
  return {
    ...(rootsFile === undefined ? {} : { rootsFile }),
    ...(limits === undefined ? {} : { limits }),
  };
}

/** Who is its customer; undefined if a problem was noted. */
export function checkAccount(values: Values, problems: Problems): AccountConfig | undefined {
  const contacts = problems.attempt(values.origin('email'), () =>
    (values.get('email') ?? []).map(contactUrl),
  );
  const externalAccount = checkExternalAccount(values, problems);
  if (contacts === undefined) return undefined;
  return {
    contacts,
    agreeTos: values.get('agree-tos'),
    ...(externalAccount === undefined ? {} : { externalAccount }),
  };
}

/** RFC 8555 §7.3: one address, no header fields. */
function contactUrl(text: string): string {
  const address = text.replace(/^mailto:/i, '');
  if (/^[^\s@,?]+@[^\s@,?]+$/.test(address)) return `mailto:${address}`;
  throw invalidValue(`${quoted(text)} is not an e-mail address`, 'give it like admin@example.com');
}

function checkExternalAccount(values: Values, problems: Problems): ExternalAccount | undefined {
  const kid = values.get('eab-kid');
  const hmacKey = problems.attempt(values.origin('eab-hmac-key'), () => hmacKeyOf(values));
  const hasKey = values.isGiven('eab-hmac-key-file') || values.isGiven('eab-hmac-key');
  if (values.isGiven('eab-kid') !== hasKey)
    problems.add(onlyHalf(hasKey ? '--eab-kid' : '--eab-hmac-key-file'));
  return kid === undefined || hmacKey === undefined ? undefined : { kid, hmacKey };
}

function hmacKeyOf(values: Values): ExternalAccount['hmacKey'] | undefined {
  const file = values.get('eab-hmac-key-file');
  const text = values.get('eab-hmac-key');
  if (file === undefined) return text === undefined ? undefined : { text: base64url(text) };
  if (text === undefined) return { file };
  const message = `the HMAC key is also given by ${values.origin('eab-hmac-key-file')}`;
  throw configProblem('config.conflict', message, 'keep one of the two');
}

function onlyHalf(missing: string): LanacmeError {
  const message = `${missing} is missing: external account binding needs a key id and an HMAC key`;
  return configProblem('config.missing', message, 'the CA hands out both together; give both or neither');
}

function base64url(text: string): string {
  if (/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return text;
  throw invalidValue(
    'the HMAC key is not base64url',
    'copy it again as the CA shows it; it is not repeated here',
  );
}
