import { LanacmeError } from '../errors.ts';
import { escapeText } from './escape.ts';
import type { DnsName } from './names.ts';
import type { ForeignRouting, TxtRecordSet } from './record-set.ts';

/** "Route 53 responds to DNS queries with up to eight healthy records", chosen at random where there are more. */
const mostAnswered = 8;

const ownName =
  'give the challenge a name of its own: make this one a CNAME to it, and list it in --challenge-alias';

/**
 * @throws LanacmeError `route53.other-routing` if Route 53 answers from the sets at the name in a way that would hide
 * a challenge value from some who ask.
 */
export function refuseOtherRouting(sets: readonly TxtRecordSet[], name: DnsName): void {
  const routed = sets.find((set) => set.routing !== undefined);
  if (routed === undefined) return;
  throw new LanacmeError(
    'route53.other-routing',
    `${name} has a TXT record set that no challenge value can join: ${wordsOf(routed)}`,
    { hint: `remove it, or ${ownName}` },
  );
}

/**
 * @throws LanacmeError `route53.too-many-sets` if with `more` sets there were more at the name than a DNS answer
 * carries: the CA would see some of them and not the others, by chance.
 */
export function refuseTooManySets(sets: readonly TxtRecordSet[], more: number, name: DnsName): void {
  if (sets.length + more <= mostAnswered) return;
  throw new LanacmeError(
    'route53.too-many-sets',
    `${name} has ${countOf(sets)} already and needs ${more} more, but a DNS answer carries ${mostAnswered} at most: the CA would miss some by chance`,
    {
      hint: `remove those that no client needs any more (aws route53 list-resource-record-sets shows them) and try again, or ${ownName}`,
      details: sets.map(
        ({ setIdentifier = '' }) => `multivalue set with SetIdentifier ${escapeText(setIdentifier, 200)}`,
      ),
    },
  );
}

const inWords: Readonly<Partial<Record<ForeignRouting, string>>> = {
  alias: 'a Route 53 alias, which holds no values',
  'traffic policy': 'one that a traffic policy has made',
  'health-checked': 'one with a health check, which could not be put back',
  unknown: 'one of a routing that lanacme does not know',
};

function wordsOf({ routing = 'unknown', setIdentifier }: TxtRecordSet): string {
  const words = inWords[routing] ?? `one of ${routing} routing, which shows each asker one set only`;
  return setIdentifier === undefined ? words : `${words}, SetIdentifier ${escapeText(setIdentifier, 200)}`;
}

function countOf(sets: readonly TxtRecordSet[]): string {
  // A name server that is asked for many shows eight of them.
  const atLeast =
    sets.length >= mostAnswered && sets.every((set) => set.isServed === true) ? 'at least ' : '';
  return `${atLeast}${sets.length} multivalue record set${sets.length === 1 ? '' : 's'}`;
}
