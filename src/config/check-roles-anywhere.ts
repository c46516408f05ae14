import {
  checkSessionName,
  defaultRolesAnywhereEndpoint,
  parseRolesAnywhereArn,
  type RolesAnywhereArn,
  type RolesAnywhereArns,
  refuseElsewhere,
  rolesAnywhereOrigin,
} from '../core/roles-anywhere-arn.ts';
import type { RolesAnywhereConfig, SessionNameConfig } from './config.ts';
import { missingOf } from './missing-of.ts';
import { configProblem, type Problems } from './problems.ts';
import type { Values } from './values.ts';

const needed = [
  'roles-anywhere-trust-anchor-arn',
  'roles-anywhere-profile-arn',
  'roles-anywhere-role-arn',
  'roles-anywhere-cert',
  'roles-anywhere-key',
] as const;

const optionOf = {
  trustAnchorArn: 'roles-anywhere-trust-anchor-arn',
  profileArn: 'roles-anywhere-profile-arn',
  roleArn: 'roles-anywhere-role-arn',
} as const;

/** The identity at IAM Roles Anywhere; undefined if a problem was noted. */
export function checkRolesAnywhere(values: Values, problems: Problems): RolesAnywhereConfig | undefined {
  problems.add(
    ...missingOf('AWS credentials from Roles Anywhere', needed, values, {
      'roles-anywhere-trust-anchor-arn':
        'aws rolesanywhere list-trust-anchors and list-profiles print the ARNs of a region',
    }),
  );
  const arns = checkArns(values, problems);
  const endpoint = checkEndpoint(arns, values, problems);
  const sessionName = checkSession(values, problems);
  const certFile = values.get('roles-anywhere-cert');
  const keyFile = values.get('roles-anywhere-key');
  const keyPasswordFile = values.get('roles-anywhere-key-password-file');
  const chainFile = values.get('roles-anywhere-chain');
  if (arns === undefined || endpoint === undefined || certFile === undefined || keyFile === undefined) {
    return undefined;
  }
  return {
    kind: 'roles-anywhere',
    endpoint,
    region: parseRolesAnywhereArn('trustAnchorArn', arns.trustAnchorArn).region,
    ...arns,
    certFile,
    keyFile,
    ...(keyPasswordFile === undefined ? {} : { keyPasswordFile }),
    ...(chainFile === undefined ? {} : { chainFile }),
    ...(sessionName === undefined ? {} : { sessionName }),
  };
}

/** All three, each right and all of one region; each refusal says where its own value came from. */
function checkArns(values: Values, problems: Problems): RolesAnywhereArns | undefined {
  const [trustAnchorArn, profileArn, roleArn] = (['trustAnchorArn', 'profileArn', 'roleArn'] as const).map(
    (kind) => checkArn(kind, values, problems),
  );
  if (trustAnchorArn === undefined || profileArn === undefined || roleArn === undefined) return undefined;
  const arns = { trustAnchorArn, profileArn, roleArn };
  const fits = (['profileArn', 'roleArn'] as const).map((kind) =>
    problems.attempt(values.origin(optionOf[kind]), () => {
      refuseElsewhere(kind, arns);
      return true;
    }),
  );
  return fits.every(Boolean) ? arns : undefined;
}

function checkArn(kind: RolesAnywhereArn, values: Values, problems: Problems): string | undefined {
  const text = values.get(optionOf[kind]);
  if (text === undefined) return undefined;
  const parsed = problems.attempt(values.origin(optionOf[kind]), () => parseRolesAnywhereArn(kind, text));
  return parsed && text;
}

function checkEndpoint(
  arns: RolesAnywhereArns | undefined,
  values: Values,
  problems: Problems,
): string | undefined {
  const given = values.get('roles-anywhere-endpoint');
  if (given !== undefined) {
    return problems.attempt(values.origin('roles-anywhere-endpoint'), () => rolesAnywhereOrigin(given));
  }
  if (arns === undefined) return undefined;
  const endpoint = defaultRolesAnywhereEndpoint(arns.trustAnchorArn);
  if (endpoint === undefined) {
    const message = 'the endpoint of Roles Anywhere in the partition of the trust anchor is not known';
    problems.add(configProblem('config.missing', message, 'give it with --roles-anywhere-endpoint'));
  }
  return endpoint;
}

function checkSession(values: Values, problems: Problems): SessionNameConfig | undefined {
  const name = values.get('roles-anywhere-session-name');
  const totpSeedFile = values.get('roles-anywhere-session-name-totp-seed-file');
  if (name !== undefined && totpSeedFile !== undefined) {
    const both = '--roles-anywhere-session-name and --roles-anywhere-session-name-totp-seed-file';
    problems.add(
      configProblem(
        'config.conflict',
        `${both} exclude each other`,
        'a session has one name: give one of them',
      ),
    );
  }
  if (totpSeedFile !== undefined) return { totpSeedFile };
  if (name === undefined) return undefined;
  const text = problems.attempt(values.origin('roles-anywhere-session-name'), () => checkSessionName(name));
  return text === undefined ? undefined : { text };
}
