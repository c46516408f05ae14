import type { AccountConfig, CaConfig, ExternalAccount } from './config.ts';
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

/** Who is its customer; undefined if a problem was noted. */
export function checkAccount(values: Values, problems: Problems): AccountConfig | undefined {
  const contacts = problems.attempt(values.origin('email'), () =>
    (values.get('email') ?? []).map(contactUrl),
  );
  const externalAccount = problems.attempt(values.origin('eab-kid'), () => externalAccountOf(values));
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

function externalAccountOf(values: Values): ExternalAccount | undefined {
  const kid = values.get('eab-kid');
  const file = values.get('eab-hmac-key-file');
  const text = values.get('eab-hmac-key');
  if (file !== undefined && text !== undefined) {
    const message = `the HMAC key is given twice, by ${values.origin('eab-hmac-key-file')} too`;
    throw configProblem('config.conflict', message, 'keep one of the two');
  }
  const hmacKey = file !== undefined ? { file } : text !== undefined ? { text: base64url(text) } : undefined;
  if (kid === undefined && hmacKey === undefined) return undefined;
  if (kid !== undefined && hmacKey !== undefined) return { kid, hmacKey };
  const lacking = kid === undefined ? '--eab-kid' : '--eab-hmac-key-file';
  const message = `external account binding needs a key id and an HMAC key: ${lacking} is missing`;
  throw configProblem('config.missing', message, 'the CA hands out both together; give both or neither');
}

function base64url(text: string): string {
  if (/^[A-Za-z0-9_-]+={0,2}$/.test(text)) return text;
  throw invalidValue(
    'the HMAC key is not base64url',
    'copy it again as the CA shows it; it is not repeated here',
  );
}
