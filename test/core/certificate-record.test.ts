import { describe, expect, it } from 'vitest';
import { type CertificateRecord, parseCertificateRecord } from '../../src/core/certificate-record.ts';
import { parseCertificateName } from '../../src/core/names.ts';

const name = parseCertificateName('lan.example');
const spec = {
  domains: ['lan.example', '*.lan.example'],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
};
const at = '2026-11-22T12:00:00Z';
const failure = { code: 'hook.failed', message: 'it failed', hint: 'mend it' };
const least = { format: 1, name: 'lan.example', spec, deployHooks: [], hooks: [] };
const inspection = {
  serial: '0a1b',
  issuer: 'Test CA',
  domains: spec.domains,
  notBefore: at,
  notAfter: '2027-02-20T12:00:00Z',
  stamp: '241@1.5 700@2 627@3 1327@4',
};
const full = {
  ...least,
  spec: { ...spec, profile: 'shortlived', preferredChain: 'ISRG Root X1' },
  deployHooks: ['systemctl reload nginx', 'line one\nline two'],
  installed: { version: '0007', at, spec, inspection },
  hooks: [
    { command: 'systemctl reload nginx', wanted: '0007', done: '0006', lastError: { ...failure, at } },
    { command: 'line one\nline two', wanted: '10000' },
  ],
  lastAttempt: { at, error: failure },
};

const parse = (json: unknown): CertificateRecord =>
  parseCertificateRecord(JSON.parse(JSON.stringify(json)), name, '/state/certificates/lan.example.json');

describe('the record of a certificate', () => {
  it.each([
    ['with nothing optional in it', least],
    ['with everything in it', full],
    ['of an attempt that succeeded', { ...least, lastAttempt: { at: '2026-11-22T12:00:00.123Z' } }],
  ])('is read as it was written: %s', (_, json) => {
    expect(parse(json)).toEqual(json);
  });

  const hook = full.hooks[0];
  it.each<[string, unknown, string]>([
    [
      'an inspection without its dates',
      { ...full, installed: { ...full.installed, inspection: { ...inspection, notAfter: 'soon' } } },
      'installed.inspection.notAfter is not a time like 2026-11-22T17:55:43Z',
    ],
    ['a list', [], 'it is not an object'],
    ['null', null, 'it is not an object'],
    ['a text', 'x', 'it is not an object'],
    ['no format', { ...least, format: undefined }, 'format is missing'],
    ['format 0', { ...least, format: 0 }, 'format is not one of 1'],
    ['a format that is a text', { ...least, format: '1' }, 'format is not one of 1'],
    ['another name than its file', { ...least, name: 'other' }, 'name is not lan.example'],
    ['no names', { ...least, spec: { ...spec, domains: 'lan.example' } }, 'spec.domains is not a list'],
    ['an empty list of names', { ...least, spec: { ...spec, domains: [] } }, 'spec.domains is empty'],
    [
      'a name in upper case',
      { ...least, spec: { ...spec, domains: ['LAN.example'] } },
      'spec.domains[0] is not a name in normal form',
    ],
    [
      'a path as a name',
      { ...least, spec: { ...spec, domains: ['lan.example', '../x'] } },
      'spec.domains[1] is not a name in normal form',
    ],
    [
      'a server that is no URL',
      { ...least, spec: { ...spec, server: 'letsencrypt' } },
      'spec.server is not the URL of an ACME directory',
    ],
    [
      'a server on disk',
      { ...least, spec: { ...spec, server: 'file:///etc/passwd' } },
      'spec.server is not the URL of an ACME directory',
    ],
    [
      'an unknown key type',
      { ...least, spec: { ...spec, keyType: 'dsa' } },
      'spec.keyType is not one of ec256, ec384, rsa2048, rsa3072, rsa4096',
    ],
    ['a profile that is a number', { ...least, spec: { ...spec, profile: 1 } }, 'spec.profile is not a text'],
    [
      'a misspelt member',
      { ...least, spec: { ...spec, keytype: 'ec384' } },
      'spec.keytype is not a member that lanacme knows',
    ],
    ['an unknown member at the top', { ...least, more: 1 }, 'more is not a member that lanacme knows'],
    ['hooks that are no list', { ...least, deployHooks: 'reload' }, 'deployHooks is not a list'],
    ['an empty hook', { ...least, deployHooks: [''] }, 'deployHooks[0] is not a shell command'],
    ['a hook with a NUL', { ...least, deployHooks: ['a\0b'] }, 'deployHooks[0] is not a shell command'],
    [
      'a version that is a path',
      { ...full, installed: { ...full.installed, version: '../x' } },
      'installed.version is not a version like 0001',
    ],
    [
      'a version that is short',
      { ...full, installed: { ...full.installed, version: '1' } },
      'installed.version is not a version like 0001',
    ],
    [
      'no time of installation',
      { ...full, installed: { ...full.installed, at: undefined } },
      'installed.at is missing',
    ],
    [
      'a day that is none',
      { ...full, lastAttempt: { at: '2026-13-22T12:00:00Z' } },
      'lastAttempt.at is not a time like 2026-11-22T17:55:43Z',
    ],
    [
      'a local time',
      { ...full, lastAttempt: { at: '2026-11-22T12:00:00+01:00' } },
      'lastAttempt.at is not a time like 2026-11-22T17:55:43Z',
    ],
    [
      'half an error',
      { ...full, lastAttempt: { at, error: { code: 'x' } } },
      'lastAttempt.error.message is missing',
    ],
    [
      'a hook state without a command',
      { ...full, hooks: [{ ...hook, command: undefined }] },
      'hooks[0].command is missing',
    ],
    [
      'a hook that did an odd version',
      { ...full, hooks: [{ ...hook, done: 'x' }] },
      'hooks[0].done is not a version like 0001',
    ],
    [
      'a hook error without a time',
      { ...full, hooks: [{ ...hook, lastError: failure }] },
      'hooks[0].lastError.at is missing',
    ],
  ])('is broken: %s', (_, json, problem) => {
    expect(() => parse(json)).toThrow(
      expect.objectContaining({
        code: 'state.broken',
        message: `/state/certificates/lan.example.json is broken: ${problem}`,
        hint: 'mend that line, or restore the file from a backup',
      }),
    );
  });

  it('has no prototype to play with', () => {
    const json: unknown = JSON.parse('{"__proto__": {"format": 1}, "format": 1}');
    expect(() => parseCertificateRecord(json, name)).toThrow('__proto__ is not a member that lanacme knows');
  });

  it('of a newer lanacme is left to that one', () => {
    expect(() => parse({ ...least, format: 2, spec: 'whatever that is by then' })).toThrow(
      expect.objectContaining({
        code: 'state.newer-version',
        message: '/state/certificates/lan.example.json has format 2, and this lanacme knows 1',
        hint: 'it was written by a newer lanacme: install that one again',
      }),
    );
  });
});
