import { describe, expect, it, test } from 'vitest';
import { certbotRenewal } from '../../src/core/certbot-renewal.ts';

const file = '/etc/letsencrypt/renewal/nas.conf';
const renewal = (...lines: readonly string[]) =>
  certbotRenewal(['[renewalparams]', 'server = https://ca.example/dir', ...lines].join('\n'), file);

test('of a certificate without any wish', () => {
  expect(renewal('account = 5639e961b7ada06ab6d95c5751a6f38a', 'authenticator = dns-route53')).toEqual({
    server: 'https://ca.example/dir',
    account: '5639e961b7ada06ab6d95c5751a6f38a',
    authenticator: 'dns-route53',
    manualHooks: [],
    profileFallback: false,
    reuseKey: false,
    mustStaple: false,
    allowsSubset: false,
    isLeftAlone: false,
  });
});

describe('a line of it', () => {
  it.each([
    ['renew_hook = systemctl reload nginx', { deployHook: 'systemctl reload nginx' }],
    ['deploy_hook = x', { deployHook: 'x' }],
    ["renew_hook = '''a\nb'''", { deployHook: 'a\nb' }],
    ['pre_hook = a\npost_hook = b', { preHook: 'a', postHook: 'b' }],
    ['pre_hook = None', {}],
    ['reuse_key = True', { reuseKey: true }],
    ['reuse_key = False', { reuseKey: false }],
    ['preferred_chain = ISRG Root X1', { preferredChain: 'ISRG Root X1' }],
    ['preferred_chain = ""', {}],
    ['preferred_profile = tlsserver', { profile: 'tlsserver', profileFallback: true }],
    ['required_profile = shortlived', { profile: 'shortlived', profileFallback: false }],
    ['installer = nginx', { installer: 'nginx' }],
    ['autorenew = False', { isLeftAlone: true }],
    ['must_staple = True', { mustStaple: true }],
    ['allow_subset_of_names = True', { allowsSubset: true }],
    [
      'manual_auth_hook = /root/auth\nmanual_cleanup_hook = /root/clean',
      { manualHooks: ['/root/auth', '/root/clean'] },
    ],
    ['something_new = 1', {}],
  ])('%j', (line, members) => {
    expect(renewal(line)).toEqual({ ...renewal(), ...members });
  });
});

test('its server is written as lanacme writes one', () => {
  const text = '[renewalparams]\nserver = HTTPS://CA.Example:443/dir';
  expect(certbotRenewal(text, file).server).toBe('https://ca.example/dir');
});

describe('refused is', () => {
  const refusal = (text: string) => () => certbotRenewal(text, file);
  it.each([
    ['a file without its section', 'server = https://ca.example', 'has no section [renewalparams]'],
    ['one without a server', '[renewalparams]', 'names no server'],
    [
      'a server without TLS',
      '[renewalparams]\nserver = http://ca.example/',
      'names a server that cannot be one: "http://ca.example/"',
    ],
    [
      'a server that is a folder',
      '[renewalparams]\nserver = ../../x',
      'names a server that cannot be one: "../../x"',
    ],
  ])('%s', (_, text, what) => {
    expect(refusal(text)).toThrow(
      expect.objectContaining({ code: 'import.unreadable', message: `${file} ${what}` }),
    );
  });

  it.each([
    ['a folder that leads elsewhere', 'account = ../../../root', 'has "../../../root" as account'],
    ['a hook that is a list', 'renew_hook = a, b', 'has a list as renew_hook: quote what has a comma'],
    ['a hook with a NUL', 'renew_hook = a\0b', 'has a control character in renew_hook'],
    ['a chain with an escape', 'preferred_chain = a\x1b[2Jb', 'has a control character in preferred_chain'],
  ])('%s', (_, line, what) => {
    expect(() => renewal(line)).toThrow(
      expect.objectContaining({ code: 'import.unreadable', message: `${file} ${what}` }),
    );
  });
});
