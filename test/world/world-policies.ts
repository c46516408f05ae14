/** The IAM policies that hosts of the world may have. */
import type { ConditionBlock, PolicyDocument, PolicyStatement } from './iam-policy.ts';

export interface PolicyZone {
  /** Without a trailing dot. */
  readonly name: string;
  readonly id: string;
}

/** What hosts trade for credentials. */
export type Identity = 'iot' | 'roles-anywhere';

/** The policy variable that holds a host's own name, and which record name follows from it. */
const ownName: Readonly<Record<Identity, (zone: PolicyZone) => { key: string; recordName: string }>> = {
  iot: (zone) => ({
    key: 'credentials-iot:ThingName',
    recordName: `_acme-challenge.\${credentials-iot:ThingName}.${zone.name}`,
  }),
  // A common name may have dots, unlike the name of a thing: it is the whole name.
  'roles-anywhere': () => ({
    key: 'aws:PrincipalTag/x509Subject/CN',
    recordName: `_acme-challenge.\${aws:PrincipalTag/x509Subject/CN}`,
  }),
};

export type PolicyName = 'challenges of the zone' | 'own challenge' | 'whole zone';

const namesKey = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
const typesKey = 'route53:ChangeResourceRecordSetsRecordTypes';
const actionsKey = 'route53:ChangeResourceRecordSetsActions';

const wait: PolicyStatement = {
  Sid: 'Wait',
  Effect: 'Allow',
  Action: 'route53:GetChange',
  Resource: 'arn:aws:route53:::change/*',
};

const policies: Readonly<
  Record<PolicyName, (zone: PolicyZone, identity: Identity) => readonly PolicyStatement[]>
> = {
  /** The least that serves any name of the zone: challenges, whoever's. */
  'challenges of the zone': (zone) => [
    changes(zone, {
      'ForAllValues:StringEquals': { [typesKey]: ['TXT'], [actionsKey]: ['CREATE', 'DELETE'] },
      'ForAllValues:StringLike': {
        [namesKey]: [`_acme-challenge.${zone.name}`, `_acme-challenge.*.${zone.name}`],
      },
      Null: { [namesKey]: 'false', [typesKey]: 'false', [actionsKey]: 'false' },
    }),
    wait,
  ],
  /** One role for all hosts: the host's own name and no other. */
  'own challenge': (zone, identity) => {
    const { key, recordName } = ownName[identity](zone);
    return [
      changes(zone, {
        'ForAllValues:StringEquals': { [namesKey]: [recordName], [typesKey]: ['TXT'] },
        Null: { [namesKey]: 'false', [key]: 'false' },
      }),
      wait,
    ];
  },
  /** What people have who never narrowed it: every record of the zone, and the list calls. */
  'whole zone': (zone) => [
    changes(zone),
    wait,
    {
      Sid: 'Read',
      Effect: 'Allow',
      Action: ['route53:ListResourceRecordSets', 'route53:GetHostedZone'],
      Resource: `arn:aws:route53:::hostedzone/${zone.id}`,
    },
    { Sid: 'Find', Effect: 'Allow', Action: 'route53:ListHostedZonesByName', Resource: '*' },
  ],
};

export function policyFor(name: PolicyName, zone: PolicyZone, identity: Identity = 'iot'): PolicyDocument {
  return { Version: '2012-10-17', Statement: policies[name](zone, identity) };
}

function changes(zone: PolicyZone, Condition?: ConditionBlock): PolicyStatement {
  return {
    Sid: 'Change',
    Effect: 'Allow',
    Action: 'route53:ChangeResourceRecordSets',
    Resource: `arn:aws:route53:::hostedzone/${zone.id}`,
    ...(Condition === undefined ? {} : { Condition }),
  };
}
