import { ListResourceRecordSetsCommand, type ResourceRecordSet } from '@aws-sdk/client-route-53';
import { type DnsName, parseListedName } from '../core/names.ts';
import type { TxtRecordSet } from '../core/record-set.ts';
import { LanacmeError } from '../errors.ts';
import { complete } from './route53-answers.ts';
import type { Route53Calls } from './route53-calls.ts';

/** A name can have 100 sets with set identifiers; other names may follow, and cost nothing. */
const MaxItems = 100;

/**
 * Every TXT record set at exactly this name, several if they carry set identifiers, PENDING changes included. The
 * name is where the list starts, not a filter.
 */
export async function listRecordSets(
  { client, call }: Route53Calls,
  zoneId: string,
  name: DnsName,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  const found: TxtRecordSet[] = [];
  for (let StartRecordIdentifier: string | undefined, goesOn = true; goesOn; ) {
    const command = new ListResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      StartRecordName: name,
      StartRecordType: 'TXT',
      StartRecordIdentifier,
      MaxItems,
    });
    const page = await call({ name: 'ListResourceRecordSets', zoneId }, signal, async (sending) => {
      const output = await client.send(command, sending);
      return { ...output, sets: setsAt(name, output.ResourceRecordSets) };
    });
    found.push(...page.sets);
    StartRecordIdentifier = page.NextRecordIdentifier;
    goesOn =
      page.IsTruncated === true &&
      page.NextRecordType === 'TXT' &&
      parseListedName(page.NextRecordName ?? '') === name;
  }
  return found;
}

function setsAt(name: DnsName, listed: readonly ResourceRecordSet[] | undefined): readonly TxtRecordSet[] {
  return complete(listed, 'ResourceRecordSets')
    .filter((set) => set.Type === 'TXT' && parseListedName(set.Name ?? '') === name)
    .map((set) => txtRecordSet(name, set));
}

function txtRecordSet(name: DnsName, set: ResourceRecordSet): TxtRecordSet {
  if (set.AliasTarget !== undefined) throw aliasInTheWay(name);
  return {
    name,
    ttl: complete(set.TTL, 'TTL'),
    values: complete(set.ResourceRecords, 'ResourceRecords').map(({ Value }) => complete(Value, 'Value')),
    ...(set.SetIdentifier === undefined ? {} : { setIdentifier: set.SetIdentifier }),
  };
}

function aliasInTheWay(name: DnsName): LanacmeError {
  return new LanacmeError(
    'route53.batch-refused',
    `the TXT record set at ${name} is a Route 53 alias, which holds no values`,
    {
      hint: 'remove the alias record, or delegate the challenge name elsewhere with a CNAME',
    },
  );
}
