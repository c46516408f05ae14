import { randomInt } from 'node:crypto';
import { type DecodedPacket, decode, encode, type TxtAnswer as TxtRecord } from 'dns-packet';
import type { DnsName } from '../core/names.ts';
import type { TxtAnswer, TxtStrings } from '../ports.ts';

/** A TXT question as it is sent, and what an answer must repeat. */
export interface TxtQuery {
  readonly id: number;
  readonly name: DnsName;
  readonly bytes: Buffer;
}

/**
 * What a packet says to a query: an answer; `truncated`, to be asked again by TCP; or `foreign`, which may be an echo
 * of an earlier query, an attack or noise, and is passed over.
 */
export type Reading = TxtAnswer | { readonly kind: 'truncated' } | { readonly kind: 'foreign' };

/** Fits an unfragmented UDP datagram everywhere (DNS flag day 2020). */
const udpPayloadSize = 1232;

/** A query to an authoritative server: no recursion is asked for, and the id cannot be guessed. */
export function txtQuery(name: DnsName): TxtQuery {
  const id = randomInt(0x1_0000);
  const bytes = encode({
    type: 'query',
    id,
    questions: [{ name, type: 'TXT', class: 'IN' }],
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
  return { id, name, bytes };
}

export function readTxtAnswer(bytes: Buffer, query: TxtQuery): Reading {
  const packet = decodeWhole(bytes);
  if (packet === undefined || !isAnswerTo(packet, query)) return { kind: 'foreign' };
  if (packet.flag_tc) return { kind: 'truncated' };
  const rcode = rcodeOf(bytes);
  if (rcode !== noError && rcode !== noSuchName)
    return { kind: 'unreachable', reason: `it answers ${rcodeWords(rcode)}` };
  const records = (packet.answers ?? []).filter(
    (record): record is TxtRecord => record.type === 'TXT' && isSameName(record.name, query.name),
  );
  const [ttl] = records.flatMap((record) => record.ttl ?? []);
  return {
    kind: 'answered',
    authoritative: packet.flag_aa,
    values: records.map(stringsOf),
    ...(ttl === undefined ? {} : { ttl }),
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

function isAnswerTo(packet: DecodedPacket, { id, name }: TxtQuery): boolean {
  const [question, ...more] = packet.questions ?? [];
  if (packet.type !== 'response' || packet.id !== id || question === undefined || more.length > 0)
    return false;
  return question.type === 'TXT' && question.class === 'IN' && isSameName(question.name, name);
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

/** Bytes as Latin-1, so that none is lost. */
function stringsOf({ data }: TxtRecord): TxtStrings {
  return [data].flat().map((part) => (typeof part === 'string' ? part : part.toString('latin1')));
}
