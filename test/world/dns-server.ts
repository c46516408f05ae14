/**
 * An authoritative name server of the world: UDP and TCP on one port number of the loopback address, serving the public zones of
 * a store as of their last INSYNC change. Several servers may serve one store, each with its own faults and log.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AUTHORITATIVE_ANSWER,
  type DecodedPacket,
  decode,
  encode,
  type OptAnswer,
  type Packet,
  type Question,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
} from 'dns-packet';
import { type LookupResult, lookUp, type ServedZone } from './dns-lookup.ts';
import { formatName } from './zone-names.ts';
import type { ZoneStore } from './zone-store.ts';

/** May be changed while the server runs. */
export interface DnsFaults {
  /** Serves what was INSYNC so long ago; `Infinity` for what the zone was born with. */
  lagMs: number;
  /** Takes queries and answers none. */
  isSilent: boolean;
  /** Answers by TCP only. */
  isSilentOverUdp: boolean;
  /** Answers late. */
  delayMs: number;
  /** Answers without the AA bit, like a resolver or a box that intercepts port 53. */
  isNotAuthoritative: boolean;
  /** Answers nothing but this. */
  rcode: 'SERVFAIL' | 'REFUSED' | undefined;
  /** Says that every UDP answer is too long. */
  isTruncating: boolean;
}

export interface DnsOptions {
  readonly store: ZoneStore;
  readonly now?: () => Date;
  /** Which zones are delegated to this server. Default: of the public zones of a name, the first. */
  readonly zoneIds?: readonly string[];
  readonly random?: () => number;
  /** Zones that answer for DNSKEY at their apex, normalised; nothing is signed with it. */
  readonly withKeys?: readonly string[];
  /** Default `127.0.0.1`; `0.0.0.0` for a server in a container. */
  readonly host?: '127.0.0.1' | '::1' | '0.0.0.0';
  /** Default: one that the system chooses. */
  readonly port?: number;
  readonly faults?: Partial<DnsFaults>;
}

export interface QueryRecord {
  readonly time: Date;
  readonly transport: 'udp' | 'tcp';
  /** As asked: case kept, no trailing dot. */
  readonly name: string;
  readonly type: string;
  /** Of the answer; nothing if none was sent. */
  rcode?: string;
  answers: number;
  isTruncated: boolean;
  /** Why the server could not answer, if it could not. */
  problem?: string;
}

export async function startDns(options: DnsOptions): Promise<DnsServer> {
  const server = new DnsServer(options);
  await server.listen(options.port ?? 0);
  return server;
}

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;
type Rcode = keyof typeof rcodes;

interface Response {
  readonly rcode: Rcode | 'BADVERS';
  readonly packet: Packet;
}

/** Types that dns-packet has no name for. */
const unnamedTypes: Readonly<Record<string, string>> = { UNKNOWN_64: 'SVCB', UNKNOWN_65: 'HTTPS' };

export class DnsServer {
  readonly faults: DnsFaults;
  readonly queries: QueryRecord[] = [];
  readonly #options: DnsOptions;
  readonly #now: () => Date;
  readonly #host: NonNullable<DnsOptions['host']>;
  readonly #stopping = new AbortController();
  readonly #connections = new Set<Socket>();
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;

  constructor(options: DnsOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#host = options.host ?? '127.0.0.1';
    this.faults = {
      lagMs: 0,
      isSilent: false,
      isSilentOverUdp: false,
      delayMs: 0,
      isNotAuthoritative: false,
      rcode: undefined,
      isTruncating: false,
      ...options.faults,
    };
  }

  /** TCP first; where the UDP port of that number is taken, both anew. */
  async listen(port: number): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const tcp = createServer((socket) => {
        this.#serveConnection(socket);
      });
      tcp.listen(port, this.#host);
      await once(tcp, 'listening');
      const udp = createSocket(this.#host === '::1' ? 'udp6' : 'udp4');
      try {
        udp.bind((tcp.address() as AddressInfo).port, this.#host);
        await once(udp, 'listening');
        this.#tcp = tcp;
        this.#udp = udp;
        break;
      } catch (error) {
        tcp.close();
        udp.close();
        if (port !== 0 || attempt === 10) throw error;
      }
    }
    this.#udp.on('message', (message, from) => {
      this.#serveDatagram(message, from).catch(() => undefined);
    });
  }

  get port(): number {
    if (this.#udp === undefined) throw new Error('The DNS server does not listen yet.');
    return this.#udp.address().port;
  }

  /** For `--name-servers`. */
  get address(): string {
    return this.#host === '::1' ? `[::1]:${this.port}` : `127.0.0.1:${this.port}`;
  }

  /** How many queries came for a name, in any case, of one type or of all. */
  count(name: string, type?: string): number {
    const wanted = name.toLowerCase().replace(/\.$/, '');
    return this.queries.filter(
      (query) => query.name.toLowerCase() === wanted && (type === undefined || query.type === type),
    ).length;
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    for (const connection of this.#connections) connection.destroy();
    const closed = [this.#udp, this.#tcp].flatMap((server) =>
      server === undefined ? [] : [once(server, 'close')],
    );
    this.#udp?.close();
    this.#tcp?.close();
    await Promise.all(closed);
  }

  async #serveDatagram(message: Buffer, from: RemoteInfo): Promise<void> {
    const reply = await this.#reply(message, 'udp');
    if (reply !== undefined) this.#udp?.send(reply, from.port, from.address);
  }

  #serveConnection(socket: Socket): void {
    this.#connections.add(socket);
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('error', () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
        const end = 2 + received.readUInt16BE(0);
        const message = received.subarray(2, end);
        received = received.subarray(end);
        this.#replyOnConnection(message, socket).catch(() => socket.destroy());
      }
    });
  }

  async #replyOnConnection(message: Buffer, socket: Socket): Promise<void> {
    const reply = await this.#reply(message, 'tcp');
    if (reply === undefined) return;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(reply.length);
    socket.write(Buffer.concat([length, reply]));
  }

  async #reply(message: Buffer, transport: QueryRecord['transport']): Promise<Buffer | undefined> {
    const query = read(message);
    if (query === undefined) return unreadable(message);
    if (query.flag_qr) return undefined;
    const record = this.#record(query, transport);
    if (this.faults.delayMs > 0) {
      await sleep(this.faults.delayMs, undefined, { signal: this.#stopping.signal });
    }
    if (this.faults.isSilent || (this.faults.isSilentOverUdp && transport === 'udp')) return undefined;
    const { rcode, packet: full, bytes } = this.#encoded(query, record);
    record.rcode = rcode;
    const isTooLong = bytes.length > udpSize(query) || this.faults.isTruncating;
    record.isTruncated = transport === 'udp' && isTooLong;
    record.answers = record.isTruncated ? 0 : (full.answers?.length ?? 0);
    return record.isTruncated ? encode(truncated(full)) : bytes;
  }

  /** What cannot be looked up or written is SERVFAIL, and why is in the log. */
  #encoded(query: DecodedPacket, record: QueryRecord): Response & { readonly bytes: Buffer } {
    try {
      const response = this.#respond(query);
      return { ...response, bytes: encode(response.packet) };
    } catch (error) {
      record.problem = String(error);
      const failure = packet(query, 'SERVFAIL');
      return { rcode: 'SERVFAIL', packet: failure, bytes: encode(failure) };
    }
  }

  #record(query: DecodedPacket, transport: QueryRecord['transport']): QueryRecord {
    const question = query.questions?.[0];
    const record: QueryRecord = {
      time: this.#now(),
      transport,
      name: question?.name ?? '',
      type: question === undefined ? '' : typeName(question),
      answers: 0,
      isTruncated: false,
    };
    this.queries.push(record);
    return record;
  }

  #respond(query: DecodedPacket): Response {
    const opt = optOf(query);
    if (opt !== undefined && opt.ednsVersion !== 0) {
      return { rcode: 'BADVERS', packet: packet(query, 'NOERROR', { extendedRcode: 1 }) };
    }
    const refusal = refusalOf(query) ?? this.faults.rcode;
    const question = query.questions?.[0];
    if (refusal !== undefined || question === undefined) {
      const rcode = refusal ?? 'FORMERR';
      return { rcode, packet: packet(query, rcode) };
    }
    const { rcode, isAuthoritative, answers, authorities, additionals } = this.#lookUp(question);
    const flags = isAuthoritative && !this.faults.isNotAuthoritative ? AUTHORITATIVE_ANSWER : 0;
    return { rcode, packet: packet(query, rcode, { flags, answers, authorities, additionals }) };
  }

  #lookUp(question: Question): LookupResult {
    return lookUp(
      this.#zones(),
      { asked: question.name, name: normalized(question.name), type: typeName(question) },
      this.#options.random ?? Math.random,
    );
  }

  #zones(): readonly ServedZone[] {
    const { store, zoneIds, withKeys = [] } = this.#options;
    const at = new Date(Math.max(this.#now().getTime() - this.faults.lagMs, -8.64e15));
    const served = new Map<string, ServedZone>();
    for (const zone of store.zones()) {
      const isOurs = zoneIds === undefined ? !zone.isPrivate : zoneIds.includes(zone.id);
      if (isOurs && !served.has(zone.name)) {
        served.set(zone.name, {
          name: zone.name,
          records: store.served(zone.id, at),
          hasKeys: withKeys.includes(zone.name),
        });
      }
    }
    return [...served.values()];
  }
}

function read(message: Buffer): DecodedPacket | undefined {
  try {
    return decode(message);
  } catch {
    return undefined;
  }
}

/** FORMERR with the query's id, if there is as much as a header. */
function unreadable(message: Buffer): Buffer | undefined {
  if (message.length < 12 || (message.readUInt8(2) & 0x80) !== 0) return undefined;
  return encode({ type: 'response', id: message.readUInt16BE(0), flags: rcodes.FORMERR });
}

/** What is refused before any zone is looked at. */
function refusalOf(query: DecodedPacket): Rcode | undefined {
  if (opcodeOf(query) !== 0) return 'NOTIMP';
  const [question, ...others] = query.questions ?? [];
  if (question === undefined || others.length > 0) return 'FORMERR';
  if (question.class !== 'IN' || ['AXFR', 'IXFR'].includes(question.type)) return 'REFUSED';
  return undefined;
}

function opcodeOf(query: DecodedPacket): number {
  return ((query.flags ?? 0) >> 11) & 0xf;
}

function optOf(query: DecodedPacket): OptAnswer | undefined {
  return query.additionals?.find((record): record is OptAnswer => record.type === 'OPT');
}

function udpSize(query: DecodedPacket): number {
  const opt = optOf(query);
  return opt === undefined ? 512 : Math.min(Math.max(opt.udpPayloadSize, 512), 4096);
}

interface PacketParts extends Partial<Omit<LookupResult, 'rcode' | 'isAuthoritative'>> {
  readonly flags?: number;
  readonly extendedRcode?: number;
}

/** An answer to this query: its id, question (letter by letter), opcode and RD bit; EDNS if it had EDNS. */
function packet(query: DecodedPacket, rcode: Rcode, parts: PacketParts = {}): Packet {
  const opt = optOf(query);
  return {
    type: 'response',
    id: query.id,
    flags:
      (opcodeOf(query) << 11) | (parts.flags ?? 0) | (query.flag_rd ? RECURSION_DESIRED : 0) | rcodes[rcode],
    questions: query.questions,
    answers: [...(parts.answers ?? [])],
    authorities: [...(parts.authorities ?? [])],
    additionals: [
      ...(parts.additionals ?? []),
      ...(opt === undefined ? [] : [ourOpt(parts.extendedRcode ?? 0)]),
    ],
  };
}

function ourOpt(extendedRcode: number): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 4096,
    extendedRcode,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

/** The TC bit and no records: the asker comes again by TCP. */
function truncated(full: Packet): Packet {
  return {
    ...full,
    flags: (full.flags ?? 0) | TRUNCATED_RESPONSE,
    answers: [],
    authorities: [],
    additionals: full.additionals?.filter((record) => record.type === 'OPT'),
  };
}

function typeName(question: Question): string {
  return unnamedTypes[question.type] ?? question.type;
}

/** From the wire: labels joined by dots, nothing escaped. */
function normalized(name: string): string {
  return formatName(name === '' || name === '.' ? [] : name.toLowerCase().split('.'));
}
