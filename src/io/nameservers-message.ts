import { randomInt } from 'node:crypto';
import { type Answer, type DecodedPacket, decode, encode, type TxtAnswer as TxtRecord } from 'dns-packet';
import type { DnsName } from '../core/names.ts';
import type { DnsAnswer, DnsData, DnsType, Referral, TxtStrings } from '../ports.ts';

/** A question as it is sent, and what an answer must repeat. */
export interface DnsQuery<T extends DnsType> {
  readonly id: number;
  readonly name: DnsName;
  readonly type: T;
  readonly bytes: Buffer;
}

/**
 * What a packet says to a query: an answer; `truncated`, to be asked again by TCP; or `foreign`, which may be an echo
 * of an earlier query, an attack or noise, and is passed over.
 */
export type Reading<T extends DnsType> =
  | DnsAnswer<T>
  | { readonly kind: 'truncated' }
  | { readonly kind: 'foreign' };

/** Fits an unfragmented UDP datagram everywhere (DNS flag day 2020). */
const udpPayloadSize = 1232;

/** A query to an authoritative server: no recursion is asked for, and the id cannot be guessed. */
export function dnsQuery<T extends DnsType>(name: DnsName, type: T): DnsQuery<T> {
  const id = randomInt(0x1_0000);
  const bytes = encode({
    type: 'query',
    id,
    questions: [{ name, type, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  return { id, name, type, bytes };
}

export function readAnswer<T extends DnsType>(bytes: Buffer, query: DnsQuery<T>): Reading<T> {
  const packet = decodeWhole(bytes);
  if (packet === undefined || !isAnswerTo(packet, query)) return { kind: 'foreign' };
  if (packet.flag_tc) return { kind: 'truncated' };
  const rcode = rcodeOf(bytes);
  if (rcode !== noError && rcode !== noSuchName)
    return { kind: 'unreachable', reason: `it answers ${rcodeWords(rcode)}` };
  return { kind: 'answered', exists: rcode !== noSuchName, ...contentsOf(packet, query) };
}

function contentsOf<T extends DnsType>(
  packet: DecodedPacket,
  { name, type }: DnsQuery<T>,
): Omit<Extract<DnsAnswer<T>, { kind: 'answered' }>, 'kind' | 'exists'> {
  const here = (packet.answers ?? []).filter((record) => isSameName(record.name, name));
  const [ttl] = here.flatMap((record) => (record.type === type ? ttlOf(record) : []));
  const [alias] = type === 'CNAME' ? [] : here.flatMap((record) => dataOf(record, 'CNAME'));
  const referral = packet.flag_aa || here.length > 0 ? undefined : referralIn(packet, name);
  return {
    authoritative: packet.flag_aa,
    records: here.flatMap((record) => dataOf(record, type)),
    ...(ttl === undefined ? {} : { ttl }),
    ...(alias === undefined ? {} : { alias }),
    ...(referral === undefined ? {} : { referral }),
  };
}

/** The decoder throws on most of what is broken, and runs past the end of the rest. */
function decodeWhole(bytes: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(bytes);
    return decode.bytes <= bytes.length ? packet : undefined;
  } catch {
    return undefined;
  }
}

function isAnswerTo(packet: DecodedPacket, { id, name, type }: DnsQuery<DnsType>): boolean {
  const [question, ...more] = packet.questions ?? [];
  if (packet.type !== 'response' || packet.id !== id || question === undefined || more.length > 0)
    return false;
  return question.type === type && question.class === 'IN' && isSameName(question.name, name);
}

/** Servers may repeat a name in another case. */
function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

const noError = 0;
const noSuchName = 3;

function rcodeOf(bytes: Buffer): number {
  return bytes.readUInt16BE(2) & 0xf;
}

function rcodeWords(rcode: number): string {
  return { 1: 'FORMERR', 2: 'SERVFAIL', 4: 'NOTIMP', 5: 'REFUSED' }[rcode] ?? `RCODE ${rcode}`;
}

/** Records of another zone below, which this server only knows the servers of (RFC 1034 §4.3.1). */
function referralIn(packet: DecodedPacket, name: DnsName): Referral | undefined {
  const nameServers = (packet.authorities ?? []).filter((record) => record.type === 'NS');
  const zone = nameServers[0]?.name.toLowerCase();
  if (zone === undefined || (zone !== name && !name.endsWith(`.${zone}`))) return undefined;
  const here = nameServers.filter((record) => isSameName(record.name, zone));
  return { zone, nameServers: here.flatMap((record) => dataOf(record, 'NS')) };
}

function ttlOf(record: Answer): readonly number[] {
  return record.type === 'OPT' || record.ttl === undefined ? [] : [record.ttl];
}

/** What the record holds if it is of this type, else nothing. */
function dataOf<T extends DnsType>(record: Answer, type: T): readonly DnsData[T][] {
  return record.type === type ? [dataOfAny(record) as DnsData[T]] : [];
}

function dataOfAny(record: Answer): DnsData[DnsType] | undefined {
  if (record.type === 'TXT') return stringsOf(record);
  if (record.type === 'CNAME' || record.type === 'NS') return record.data.toLowerCase().replace(/\.$/, '');
  if (record.type === 'CAA') {
    return { flags: record.data.flags ?? 0, tag: record.data.tag, value: record.data.value };
  }
  if (record.type === 'SOA') return { serial: record.data.serial ?? 0 };
  if (record.type === 'DS') return { keyTag: record.data.keyTag };
  return record.type === 'DNSKEY' ? { flags: record.data.flags } : undefined;
}

/** Bytes as Latin-1, so that none is lost. */
function stringsOf({ data }: TxtRecord): TxtStrings {
  return [data].flat().map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}
