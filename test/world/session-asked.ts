/** What a `CreateSession` request asks for, out of its query and its body. */
import type { SessionAsked } from './roles-anywhere-registry.ts';
import type { RawRequest } from './x509-signature.ts';

/** The request is not as the API's model has it. */
export class ValidationRefused extends Error {
  override readonly name = 'ValidationRefused';
}

/** The three ARNs may be in either place. Throws `ValidationRefused`. */
export function sessionAsked({ target, body }: RawRequest): SessionAsked {
  const query = new URL(target, 'https://localhost').searchParams;
  const members = membersOf(body);
  const arn = (name: string, form: RegExp): string => {
    const value = members[name] ?? query.get(name);
    if (typeof value !== 'string' || !form.test(value)) {
      throw new ValidationRefused(`Value at '${name}' failed to satisfy constraint: Member must be an ARN`);
    }
    return value;
  };
  const durationSeconds = durationIn(members);
  const roleSessionName = sessionNameIn(members);
  return {
    trustAnchorArn: arn(
      'trustAnchorArn',
      /^arn:aws[\w-]*:rolesanywhere:[\w-]+:\d{12}:trust-anchor\/[\w-]{36}$/,
    ),
    profileArn: arn('profileArn', /^arn:aws[\w-]*:rolesanywhere:[\w-]+:\d{12}:profile\/[\w-]{36}$/),
    roleArn: arn('roleArn', /^arn:aws[\w-]*:iam::\d{12}:role\/.+$/),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(roleSessionName === undefined ? {} : { roleSessionName }),
  };
}

function membersOf(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new ValidationRefused('The body is not a JSON object');
}

/** In seconds. */
function durationIn({ durationSeconds: value }: Readonly<Record<string, unknown>>): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 900 && value <= 43_200) return value;
  throw new ValidationRefused(
    "Value at 'durationSeconds' failed to satisfy constraint: Member must be between 900 and 43200",
  );
}

/** As STS has it. */
function sessionNameIn({ roleSessionName: value }: Readonly<Record<string, unknown>>): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && /^[\w+=,.@-]{2,64}$/.test(value)) return value;
  throw new ValidationRefused(
    "Value at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]{2,64}",
  );
}
