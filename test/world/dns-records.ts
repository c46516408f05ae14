/** Record sets as resource records of the wire format. */
import type { Answer } from 'dns-packet';
import { labelsOf } from './zone-names.ts';
import type { RecordSet } from './zone-records.ts';
import {
  parseCaa,
  parseCharacterStrings,
  parseDs,
  parseMx,
  parseSoa,
  parseSrv,
  parseSshfp,
  parseTlsa,
  type RecordType,
} from './zone-values.ts';

/** The set's type has no wire form here: the server answers SERVFAIL rather than pretend that nothing is there. */
class NotServed extends Error {
  constructor(type: RecordType) {
    super(`The world's DNS server has no wire form for ${type} records.`);
    this.name = 'NotServed';
  }
}

/** The records of a set, under the name that was asked. */
export function toAnswers(set: RecordSet, name: string): readonly Answer[] {
  const ttl = set.ttl ?? 60;
  return set.values.map((value) => toAnswer(set.type, name, ttl, value));
}

function toAnswer(type: RecordType, name: string, ttl: number, value: string): Answer {
  const head = { name, ttl, class: 'IN' as const };
  switch (type) {
    case 'A':
    case 'AAAA':
      return { ...head, type, data: value };
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...head, type, data: wireName(value) };
    case 'TXT':
      return { ...head, type, data: [...parseCharacterStrings(value)] };
    case 'SPF':
      // dns-packet's types have no SPF (99); its encoder takes it as bytes.
      return {
        ...head,
        type: type as 'NULL',
        data: Buffer.concat(parseCharacterStrings(value).map(counted)),
      };
    case 'MX': {
      const { preference, exchange } = parseMx(value);
      return { ...head, type, data: { preference, exchange: wireName(exchange) } };
    }
    case 'SRV': {
      const data = parseSrv(value);
      return { ...head, type, data: { ...data, target: wireName(data.target) } };
    }
    case 'SOA': {
      const data = parseSoa(value);
      return { ...head, type, data: { ...data, mname: wireName(data.mname), rname: wireName(data.rname) } };
    }
    case 'CAA': {
      const { flags, tag, value: property } = parseCaa(value);
      return { ...head, type, data: { flags, tag: tag as 'issue', value: property } };
    }
    case 'DS':
      return { ...head, type, data: parseDs(value) };
    case 'TLSA':
      return { ...head, type, data: parseTlsa(value) };
    case 'SSHFP':
      return { ...head, type, data: parseSshfp(value) };
    case 'NAPTR':
    case 'SVCB':
    case 'HTTPS':
      throw new NotServed(type);
  }
}

function counted(string: Buffer): Buffer {
  return Buffer.concat([Buffer.from([string.length]), string]);
}

/** For dns-packet: labels joined by dots, no escapes. */
function wireName(name: string): string {
  return name === '.' ? '.' : labelsOf(name.endsWith('.') ? name : `${name}.`).join('.');
}
