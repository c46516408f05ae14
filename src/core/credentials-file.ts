/**
 * The shared credentials file of the AWS SDKs: one section for each profile
 * (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html). It is somebody's own, with keys that exist nowhere
 * else in it: what is not the profile's stays as it is, byte for byte.
 */
import { type Credentials, credentialsDocument } from './credential-format.ts';

/** Names that every SDK reads the same, without quotes. */
export function isProfileName(name: string): boolean {
  return /^[A-Za-z0-9._@+-]{1,128}$/.test(name);
}

/**
 * The file with the section of this profile in the place of the one that was there, or at the end. The section is
 * replaced as a whole, as a `role_arn` or a `credential_process` that stayed would be asked in place of the credentials;
 * comments and empty lines at its end are taken for the next one's. A second section of the same profile goes: SDKs
 * would mix the two, or refuse the file.
 *
 * @param present the text of the file, each byte one character (latin1), so that no byte is lost.
 * @throws LanacmeError `credentials.bad-answer` for what could not stand in one line.
 */
export function withProfile(present: string, profile: string, credentials: Credentials): string {
  const mark = present.startsWith(utf8Mark) ? utf8Mark : '';
  return `${mark}${replaced(present.slice(mark.length), profile, credentials)}`;
}

/** Whether there are sections of profiles in it, which may be the only place where their keys are. */
export function hasProfiles(text: string): boolean {
  return text.split('\n').some((line) => headerOf(line) !== undefined);
}

/** What some editors begin a file with. */
const utf8Mark = '\u00ef\u00bb\u00bf';

function replaced(present: string, profile: string, credentials: Credentials): string {
  const lines = present.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const lineEnd = lines[0]?.endsWith('\r\n') === true ? '\r\n' : '\n';
  const section = sectionLines(profile, credentials)
    .map((line) => `${line}${lineEnd}`)
    .join('');
  const parts = partsOf(lines, profile);
  const first = parts.findIndex(({ isProfile }) => isProfile);
  if (first === -1) return `${closed(present, lineEnd)}${section}`;
  return parts
    .map(({ isProfile, text }, index) => {
      if (!isProfile) return text;
      return index === first ? section : '';
    })
    .join('');
}

function sectionLines(profile: string, credentials: Credentials): readonly string[] {
  const document = credentialsDocument(credentials);
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = document;
  const until = Expiration === undefined ? '' : `, good until ${Expiration}`;
  return [
    `[${profile}]`,
    `# written by lanacme credentials${until}`,
    `aws_access_key_id = ${AccessKeyId}`,
    `aws_secret_access_key = ${SecretAccessKey}`,
    ...(SessionToken === undefined ? [] : [`aws_session_token = ${SessionToken}`]),
  ];
}

interface Part {
  /** Whether it is of the profile that is written. */
  readonly isProfile: boolean;
  readonly text: string;
}

/** The lines in runs: what is of the profile, and what is not. */
function partsOf(lines: readonly string[], profile: string): readonly Part[] {
  const parts: Part[] = [];
  let isProfile = false;
  let run: string[] = [];
  const endRun = (): void => {
    const ofNext = isProfile ? trailingNotes(run) : 0;
    const own = run.slice(0, run.length - ofNext);
    if (own.length > 0) parts.push({ isProfile, text: own.join('') });
    if (ofNext > 0) parts.push({ isProfile: false, text: run.slice(-ofNext).join('') });
    run = [];
  };
  for (const line of lines) {
    const header = headerOf(line);
    if (header !== undefined) {
      endRun();
      isProfile = header === profile;
    }
    run.push(line);
  }
  endRun();
  return parts;
}

/** The profile, if the line is the first of a section. */
function headerOf(line: string): string | undefined {
  return /^[ \t]*\[[ \t]*([^\]]*?)[ \t]*\]/.exec(line)?.[1];
}

/** How many lines at the end are empty, or comments. */
function trailingNotes(lines: readonly string[]): number {
  const last = lines.findLastIndex((line) => !/^[ \t]*([#;].*)?\r?\n?$/.test(line));
  return lines.length - 1 - last;
}

/** The text, so that a section can follow: with a line end, and an empty line between. */
function closed(text: string, lineEnd: string): string {
  if (text === '') return '';
  return text.endsWith('\n') ? `${text}${lineEnd}` : `${text}${lineEnd}${lineEnd}`;
}
