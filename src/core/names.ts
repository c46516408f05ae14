import { domainToASCII, domainToUnicode } from 'node:url';
import { LanacmeError } from '../errors.ts';
import { escapeText } from './escape.ts';

declare const dnsName: unique symbol;
declare const domain: unique symbol;
declare const certificateName: unique symbol;

/** A DNS name in normal form: lower-case, Punycode, no trailing dot, no wildcard. */
export type DnsName = string & { readonly [dnsName]: true };

/** A name for a certificate in normal form: a `DnsName` of LDH labels, or `*.` and one. */
export type Domain = string & { readonly [domain]: true };

/** A certificate's local name, safe as one component of a path. */
export type CertificateName = string & { readonly [certificateName]: true };

const longestName = 253;
/** `_acme-challenge.` has to fit in front (RFC 8555 §8.4); then NAME.json fits in a folder entry, too. */
const longestDomain = longestName - '_acme-challenge.'.length;

/** Route 53 stores more than this, but never needs more for a zone, a challenge or an alias. */
const anyLabel = /^[a-z0-9_-]{1,63}$/;
/** Letters, digits and inner hyphens: what a CA issues for. */
const ldhLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether the text is a name in normal form, character by character. */
export function isDnsName(text: string): text is DnsName {
  return text.length <= longestName && text.split('.').every((label) => anyLabel.test(label));
}

export function isLdhLabel(label: string): boolean {
  return ldhLabel.test(label);
}

/** Whether the text is a domain in normal form, character by character. */
export function isDomain(text: string): text is Domain {
  return domainFlaw(text.replace(/^\*\./, '')) === undefined;
}

/**
 * A name as a person writes it, of a zone or a delegated challenge: any case, Unicode, a trailing dot.
 *
 * @throws LanacmeError `names.invalid`
 */
export function parseDnsName(written: string): DnsName {
  const name = normalForm(written);
  const flaw = nameFlaw(name, anyLabel, 'a-z, 0-9, "-" and "_"');
  if (flaw !== undefined) throw invalid(written, 'a DNS name', flaw, 'write it like lan.example');
  return name as DnsName;
}

/**
 * A name for a certificate as a person writes it: any case, Unicode, a trailing dot, a leading `*.`.
 *
 * @throws LanacmeError `names.invalid`
 */
export function parseDomain(written: string): Domain {
  const wildcard = written.startsWith('*.') ? '*.' : '';
  const name = normalForm(written.slice(wildcard.length));
  const flaw = domainFlaw(name);
  if (flaw !== undefined) {
    const hint = 'write it like host.lan.example or *.lan.example';
    throw invalid(written, 'a name that a certificate can have', flaw, hint);
  }
  return `${wildcard}${name}` as Domain;
}

/**
 * A name as Route 53 spells it: trailing dot, `\ooo` for what is not `a-z 0-9 - _`. Nothing if it is a name that
 * lanacme never writes, such as `\052.lan.example.`.
 */
export function parseListedName(listed: string): DnsName | undefined {
  // An escaped dot is part of a label: it must not turn into a separator, so what stays special stays escaped.
  const decoded = listed.replace(/\\([0-3][0-7]{2})/g, (escape, octal: string) => {
    const character = String.fromCharCode(Number.parseInt(octal, 8));
    return /[A-Za-z0-9_-]/.test(character) ? character : escape;
  });
  const name = withoutTrailingDot(asciiLowerCase(decoded));
  return isDnsName(name) ? name : undefined;
}

/** The domain without `*.`: what the CA authorises. */
export function bareName(name: Domain): DnsName {
  return name.replace(/^\*\./, '') as DnsName;
}

/** As a person reads it: international labels in Unicode. */
export function displayName(name: DnsName | Domain): string {
  const unicode = domainToUnicode(name);
  return unicode === '' ? name : escapeText(unicode);
}

/**
 * A certificate's local name as a person writes it. Not `..`, nor a hidden file, nor what looks like an option.
 *
 * @throws LanacmeError `names.invalid`
 */
export function parseCertificateName(written: string): CertificateName {
  if (isCertificateName(written)) return written;
  const rule = `it has to be 1 to ${longestDomain} of A-Z a-z 0-9 . _ - and not begin with "." or "-"`;
  throw invalid(written, 'a local name for a certificate', rule, 'choose another --name');
}

export function isCertificateName(text: string): text is CertificateName {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(text) && text.length <= longestDomain;
}

/** The local name of a certificate whose first domain this is. */
export function certificateNameOf(first: Domain): CertificateName {
  return bareName(first) as string as CertificateName;
}

function domainFlaw(name: string | undefined): string | undefined {
  const flaw = nameFlaw(name, ldhLabel, 'a-z, 0-9 and inner "-"');
  if (name === undefined || flaw !== undefined) return flaw;
  if (!name.includes('.')) return 'it has only one label';
  return name.length > longestDomain
    ? `it has more than ${longestDomain} characters, so "_acme-challenge." does not fit in front`
    : undefined;
}

function nameFlaw(name: string | undefined, label: RegExp, allowed: string): string | undefined {
  if (name === undefined) return 'it is not a valid international name';
  if (name === '') return 'it is empty';
  if (name.length > longestName) return `it has more than ${longestName} characters`;
  const labels = name.split('.');
  if (labels.includes('')) return 'it has an empty label';
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return 'it is an IP address';
  const wrong = labels.find((one) => !label.test(one));
  if (wrong === undefined) return undefined;
  return wrong.length > 63
    ? `the label "${escapeText(wrong)}" has more than 63 characters`
    : `the label "${escapeText(wrong)}" has something other than ${allowed}`;
}

/** Lower-case Punycode without trailing dot, as far as that can be had; nothing for a broken international name. */
function normalForm(written: string): string | undefined {
  const isInternational = /[^\0-\x7f]/.test(written) || /(?:^|\.)xn--/i.test(written);
  // domainToASCII reads the host of a URL: it would stop at "/", drop a tab, decode "%41". Such names are left as
  // they are, and refused for these characters.
  if (!isInternational || /[\0-\x7f]/.test(written.replace(/[A-Za-z0-9._-]/g, ''))) {
    return withoutTrailingDot(asciiLowerCase(written));
  }
  const ascii = domainToASCII(written);
  return ascii === '' ? undefined : withoutTrailingDot(ascii);
}

/** Only A to Z: `toLowerCase` would make a "k" of the Kelvin sign. */
function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function withoutTrailingDot(name: string): string {
  return name.replace(/\.$/, '');
}

function invalid(written: string, what: string, flaw: string, hint: string): LanacmeError {
  return new LanacmeError('names.invalid', `"${escapeText(written, 300)}" is not ${what}: ${flaw}`, {
    hint,
    outcome: 'usage',
  });
}
