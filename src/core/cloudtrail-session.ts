import { X509Certificate } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { commonName } from './certificate-facts.ts';
import { cloudtrailRecords } from './cloudtrail-records.ts';
import { jsonMember } from './json-text.ts';

/** One CreateSession of IAM Roles Anywhere, as CloudTrail tells of it; null is what the event does not say. */
export interface SessionEvent {
  readonly id: string | null;
  /** To the second. */
  readonly at: Date;
  /** `roleSessionName` as the caller asked for it. Without one, AWS names the session after the serial. */
  readonly sessionName: string | null;
  /** Of the certificate that the caller signed with. */
  readonly commonName: string | null;
  /** Lower-case hex without zeros in front. */
  readonly serial: string | null;
  readonly sourceIp: string | null;
  readonly roleArn: string | null;
  /** What the session acts as in the events that follow. */
  readonly accessKeyId: string | null;
  /** AWS's error code, where it made no session. */
  readonly refusedWith: string | null;
}

/** Amazon S3 Express has a CreateSession, too. */
const eventSource = 'rolesanywhere.amazonaws.com';
const eventName = 'CreateSession';

/** As messages call what was named on the command line. */
export function nameOfInput(file: string): string {
  return file === '-' ? 'standard input' : file;
}

/**
 * The CreateSession events in what CloudTrail gives out (`cloudtrailRecords` has its forms), each once: CloudTrail may
 * deliver an event twice. Other events beside them are left out; a list may have none.
 *
 * @param origin where the text stands, for messages.
 * @throws LanacmeError `session.bad-event` if it is another event, or a CreateSession that lacks its time.
 */
export function sessionEvents(text: string, origin: string): readonly SessionEvent[] {
  const found = cloudtrailRecords(text);
  if (found === undefined) throw badEvent(`${origin} is not JSON`);
  const events = found.records.filter(isCreateSession).map((record) => sessionEvent(record, origin));
  if (events.length === 0 && !found.mayBeNone) {
    throw badEvent(`${origin} holds no CreateSession event of IAM Roles Anywhere`);
  }
  return [...new Map(events.map((event) => [JSON.stringify(event), event])).values()];
}

function isCreateSession(record: unknown): boolean {
  return jsonMember(record, 'eventSource') === eventSource && jsonMember(record, 'eventName') === eventName;
}

function sessionEvent(record: unknown, origin: string): SessionEvent {
  const text = (name: string): string | null => textOf(jsonMember(record, name));
  const request = jsonMember(record, 'requestParameters');
  const [made] = listOf(jsonMember(jsonMember(record, 'responseElements'), 'credentialSet'));
  return {
    id: text('eventID'),
    at: timeOf(text('eventTime'), origin),
    sessionName: textOf(jsonMember(request, 'roleSessionName')) ?? sessionNameOf(made),
    ...callerOf(request, made),
    sourceIp: text('sourceIPAddress'),
    roleArn: textOf(jsonMember(request, 'roleArn')),
    accessKeyId: textOf(jsonMember(jsonMember(made, 'credentials'), 'accessKeyId')),
    refusedWith: text('errorCode'),
  };
}

/** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
function sessionNameOf(made: unknown): string | null {
  const arn = textOf(jsonMember(jsonMember(made, 'assumedRoleUser'), 'arn'));
  return arn?.split('/').at(-1) ?? null;
}

type Caller = Pick<SessionEvent, 'commonName' | 'serial'>;

/** By the certificate, if it is in the event; else by the source identity, in which AWS puts a part of it. */
function callerOf(request: unknown, made: unknown): Caller {
  const certificate = certificateOf(textOf(jsonMember(request, 'cert')));
  if (certificate === undefined) return bySourceIdentity(textOf(jsonMember(made, 'sourceIdentity')));
  const { subject, serialNumber } = certificate;
  // Node's types leave out that a certificate may have an empty subject.
  const name = (subject as string | undefined)?.includes('CN=') === true ? commonName(subject) : null;
  return { commonName: name, serial: plainSerial(serialNumber) };
}

/** PEM, or DER in base64. */
function certificateOf(text: string | null): X509Certificate | undefined {
  if (text === null) return undefined;
  try {
    return new X509Certificate(text.startsWith('-----') ? text : Buffer.from(text, 'base64'));
  } catch {
    return undefined;
  }
}

/** `CN=` and the common name; the bare name if that is too long for STS; `ID=` and the serial if there is none. */
function bySourceIdentity(identity: string | null): Caller {
  if (identity === null) return { commonName: null, serial: null };
  const [, kind, value = ''] = /^(CN|ID)=(.*)$/s.exec(identity) ?? [undefined, 'CN', identity];
  return kind === 'ID'
    ? { commonName: null, serial: plainSerial(value) }
    : { commonName: value, serial: null };
}

/** A serial number as it is compared: lower-case hex, no colons, no zeros in front. */
export function plainSerial(hex: string): string {
  return hex
    .toLowerCase()
    .replaceAll(':', '')
    .replace(/^0+(?=.)/, '');
}

function timeOf(text: string | null, origin: string): Date {
  const isTime = text !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text);
  const at = new Date(isTime ? text : Number.NaN);
  if (Number.isNaN(at.getTime())) throw badEvent(`a CreateSession event in ${origin} does not tell its time`);
  return at;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function badEvent(message: string): LanacmeError {
  return new LanacmeError('session.bad-event', message, {
    hint: 'give one event or a log file of CloudTrail, or what this prints: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=CreateSession',
    outcome: 'usage',
  });
}
