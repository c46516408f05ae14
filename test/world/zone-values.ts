/**
 * The `Value` texts of Route 53, type by type: what is refused, in which words, and what they say on the wire.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { FatalProblem, formatName, parseName } from './zone-names.ts';

/** Every type that the API knows (RRType). */
export const recordTypes = [
  'SOA',
  'A',
  'TXT',
  'NS',
  'CNAME',
  'MX',
  'NAPTR',
  'PTR',
  'SRV',
  'SPF',
  'AAAA',
  'CAA',
  'DS',
  'TLSA',
  'SSHFP',
  'SVCB',
  'HTTPS',
] as const;
export type RecordType = (typeof recordTypes)[number];

/** Throws `FatalProblem` if the text is no value of this type. */
export function checkValue(type: RecordType, value: string): void {
  checks[type](value);
}

const checks: Readonly<Record<RecordType, (value: string) => void>> = {
  A: (value) => {
    if (!isIPv4(value)) {
      throw new FatalProblem('ARRDATAIllegalIPv4Address', 'Value is not a valid IPv4 address', value);
    }
  },
  AAAA: (value) => {
    if (!isIPv6(value) || value.includes('%')) {
      throw new FatalProblem('AAAARRDATAIllegalIPv6Address', 'Value is not a valid IPv6 address', value);
    }
  },
  CNAME: checkTarget,
  NS: checkTarget,
  PTR: checkTarget,
  TXT: (value) => {
    parseCharacterStrings(value);
  },
  SPF: (value) => {
    parseCharacterStrings(value);
  },
  MX: (value) => {
    parseMx(value);
  },
  SRV: (value) => {
    parseSrv(value);
  },
  SOA: (value) => {
    parseSoa(value);
  },
  CAA: (value) => {
    parseCaa(value);
  },
  DS: (value) => {
    parseDs(value);
  },
  TLSA: (value) => {
    parseTlsa(value);
  },
  SSHFP: (value) => {
    parseSshfp(value);
  },
  NAPTR: notEmpty,
  SVCB: notEmpty,
  HTTPS: notEmpty,
};

function checkTarget(value: string): void {
  parseName(value);
}

function notEmpty(value: string): void {
  if (value.trim() === '') throw new FatalProblem('RRDATAEmpty', 'Value is empty', value);
}

/**
 * `"one" "two"`: one or more quoted strings. Inside, `\"`, `\\` and `\ooo`; anything outside printable ASCII has to be
 * escaped. At most 255 bytes each.
 */
export function parseCharacterStrings(value: string): readonly Buffer[] {
  const strings: Buffer[] = [];
  let rest = value;
  while (rest !== '') {
    const quoted = /^"((?:[^"\\]|\\.)*)"[ ]*/s.exec(rest);
    if (quoted === null) {
      throw new FatalProblem('InvalidCharacterString', 'Value should be enclosed in quotation marks', value);
    }
    strings.push(unescape(quoted[1] ?? ''));
    rest = rest.slice(quoted[0].length);
  }
  if (strings.length === 0) {
    throw new FatalProblem('InvalidCharacterString', 'Value should be enclosed in quotation marks', value);
  }
  if (strings.some((string) => string.length > 255)) {
    throw new FatalProblem('CharacterStringTooLong', 'Value is too long', value);
  }
  return strings;
}

function unescape(inner: string): Buffer {
  const text = inner.replace(/\\([0-3][0-7]{2}|.)|[^ -~]/gs, (match, escaped: string | undefined) => {
    if (escaped === undefined) {
      throw new FatalProblem('UnsupportedCharacter', 'Value contains unsupported characters', match);
    }
    return escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped;
  });
  return Buffer.from(text, 'latin1');
}

export function parseMx(value: string): { readonly preference: number; readonly exchange: string } {
  const [preference, exchange] = fields('MX', value, 2);
  return { preference: number('MX', preference, 65535, value), exchange: target(exchange) };
}

export function parseSrv(value: string): {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
} {
  const [priority, weight, port, host] = fields('SRV', value, 4);
  return {
    priority: number('SRV', priority, 65535, value),
    weight: number('SRV', weight, 65535, value),
    port: number('SRV', port, 65535, value),
    target: target(host),
  };
}

export interface Soa {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

export function parseSoa(value: string): Soa {
  const [mname, rname, serial, refresh, retry, expire, minimum] = fields('SOA', value, 7);
  const count = (text: string | undefined): number => number('SOA', text, 4294967295, value);
  return {
    mname: target(mname),
    rname: target(rname),
    serial: count(serial),
    refresh: count(refresh),
    retry: count(retry),
    expire: count(expire),
    minimum: count(minimum),
  };
}

export function parseCaa(value: string): {
  readonly flags: number;
  readonly tag: string;
  readonly value: string;
} {
  const parts = /^(\d{1,3}) ([a-z0-9]{1,15}) (".*"|[^"\s]+)$/.exec(value);
  if (parts === null) throw invalid('CAA', value);
  const text = parts[3] ?? '';
  const strings = text.startsWith('"') ? parseCharacterStrings(text) : [Buffer.from(text, 'latin1')];
  if (strings.length !== 1) throw invalid('CAA', value);
  return {
    flags: number('CAA', parts[1], 255, value),
    tag: parts[2] ?? '',
    value: strings[0]?.toString('latin1') ?? '',
  };
}

export function parseDs(value: string): {
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  readonly digest: Buffer;
} {
  const [keyTag, algorithm, digestType, digest] = fields('DS', value, 4);
  return {
    keyTag: number('DS', keyTag, 65535, value),
    algorithm: number('DS', algorithm, 255, value),
    digestType: number('DS', digestType, 255, value),
    digest: hex('DS', digest, value),
  };
}

export function parseTlsa(value: string): {
  readonly usage: number;
  readonly selector: number;
  readonly matchingType: number;
  readonly certificate: Buffer;
} {
  const [usage, selector, matchingType, certificate] = fields('TLSA', value, 4);
  return {
    usage: number('TLSA', usage, 255, value),
    selector: number('TLSA', selector, 255, value),
    matchingType: number('TLSA', matchingType, 255, value),
    certificate: hex('TLSA', certificate, value),
  };
}

export function parseSshfp(value: string): {
  readonly algorithm: number;
  readonly hash: number;
  readonly fingerprint: string;
} {
  const [algorithm, hash, fingerprint] = fields('SSHFP', value, 3);
  const octets = { 1: 20, 2: 32 }[hash ?? ''];
  if (fingerprint?.length !== (octets ?? 0) * 2) throw invalid('SSHFP', value);
  return {
    algorithm: number('SSHFP', algorithm, 255, value),
    hash: number('SSHFP', hash, 255, value),
    fingerprint: hex('SSHFP', fingerprint, value).toString('hex'),
  };
}

function fields(type: string, value: string, count: number): readonly string[] {
  const parts = value.split(' ').filter((part) => part !== '');
  if (parts.length !== count) throw invalid(type, value);
  return parts;
}

function number(type: string, text: string | undefined, maximum: number, value: string): number {
  if (text === undefined || !/^\d{1,10}$/.test(text) || Number(text) > maximum) throw invalid(type, value);
  return Number(text);
}

function hex(type: string, text: string | undefined, value: string): Buffer {
  if (text === undefined || !/^([0-9a-fA-F]{2})+$/.test(text)) throw invalid(type, value);
  return Buffer.from(text, 'hex');
}

function target(text: string | undefined): string {
  return text === '.' ? '.' : formatName(parseName(text ?? ''));
}

function invalid(type: string, value: string): FatalProblem {
  return new FatalProblem(`Invalid${type}RDATA`, 'Value is not valid for its type', value);
}
