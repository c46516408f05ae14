import { describe, expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { chooseProxy } from '../../src/io/proxy.ts';

describe('which way a request goes', () => {
  it.each<[string, string, boolean]>([
    ['', 'https://route53.amazonaws.com/', true],
    ['', 'https://127.0.0.1:8443/', true],
    ['', 'http://route53.amazonaws.com/', false],
    ['*', 'https://route53.amazonaws.com/', false],
    ['amazonaws.com', 'https://route53.amazonaws.com/', false],
    ['.amazonaws.com', 'https://route53.amazonaws.com/', false],
    ['*.amazonaws.com', 'https://route53.amazonaws.com/', false],
    ['AMAZONAWS.com', 'https://route53.amazonaws.com/', false],
    ['amazonaws.com', 'https://notamazonaws.com/', true],
    ['route53.amazonaws.com', 'https://amazonaws.com/', true],
    ['a.test, b.test', 'https://b.test/', false],
    ['a.test b.test', 'https://b.test/', false],
    ['b.test:8443', 'https://b.test:8443/', false],
    ['b.test:8443', 'https://b.test/', true],
    ['b.test:443', 'https://b.test/', false],
    ['127.0.0.1', 'https://127.0.0.1:8443/', false],
    ['10.0.0.0/8', 'https://10.1.2.3/', false],
    ['10.0.0.0/8', 'https://11.1.2.3/', true],
    ['10.0.0.0/99', 'https://10.1.2.3/', true],
    ['0.0.1', 'https://127.0.0.1/', true],
    ['::1', 'https://[::1]:8443/', false],
    ['[::1]', 'https://[::1]:8443/', false],
    ['[::1]:8443', 'https://[::1]:8443/', false],
    ['[::1]:8444', 'https://[::1]:8443/', true],
    ['fd00::/8', 'https://[fd12::7]/', false],
    ['10.0.0.0/8', 'https://[fd12::7]/', true],
  ])('NO_PROXY=%s, %s: through the proxy is %s', (noProxy, target, expected) => {
    expect(chooseProxy('http://proxy:3128', noProxy)?.serves(new URL(target))).toBe(expected);
  });

  it('is direct when no proxy is configured', () => {
    expect(chooseProxy(undefined, undefined)).toBeUndefined();
    expect(chooseProxy('', undefined)).toBeUndefined();
  });

  it.each([
    ['proxy:3128', 'http://proxy:3128/'],
    ['http://u:p@proxy:3128', 'http://u:p@proxy:3128/'],
    ['https://proxy', 'https://proxy/'],
  ])('reads HTTPS_PROXY=%s as %s', (text, url) => {
    expect(chooseProxy(text, undefined)?.url.href).toBe(url);
  });

  it.each(['socks5://user:secret@proxy', 'http://', 'http://user:secret@:x'])(
    'refuses HTTPS_PROXY=%s without repeating it',
    (text) => {
      let error: unknown;
      try {
        chooseProxy(text, undefined);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(LanacmeError);
      expect(error).toMatchObject({
        code: 'config.invalid-value',
        message: 'HTTPS_PROXY is not the URL of an HTTP proxy',
        outcome: 'usage',
      });
    },
  );
});
