import { execFileSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hookFileOf, isHookName, sharedHookFile } from '../../src/core/hook-file.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

describe('a file in deploy.d', () => {
  it.each([
    ['10-nginx', true],
    ['_x.sh', true],
    ['.swp', false],
    ['10-nginx~', false],
    ['10-nginx.bak', false],
    ['10-nginx.dpkg-old', false],
    ['a b', false],
  ])('%s is a hook: %s', (name, is) => {
    expect(isHookName(name)).toBe(is);
  });

  it.each([
    ['nas.lan.example', 'from-certbot-nas.lan.example'],
    ['nas.old', 'from-certbot-nas.old_'],
  ])('for certificate %s is called %s', (name, file) => {
    expect(hookFileOf(parseCertificateName(name), 'true').name).toBe(file);
  });

  it.each([
    ['10-nginx.sh', 'certbot-10-nginx.sh'],
    ['../x', 'certbot-.._x'],
    ['reload nginx', 'certbot-reload_nginx'],
    ['x.bak', 'certbot-x.bak_'],
  ])('for executable %s of certbot is called %s', (name, file) => {
    expect(sharedHookFile(name, Buffer.from('x'))).toEqual({ name: file, content: Buffer.from('x') });
  });

  it('runs the command for its certificate only, and ends as it does', async () => {
    const folder = await makeTempFolder('hook-file');
    try {
      const command = `echo "a, b" 'x' "$RENEWED_DOMAINS" # y\nexit 3`;
      const path = join(folder.path, 'hook');
      await writeFile(path, hookFileOf(parseCertificateName('nas'), command).content);
      await chmod(path, 0o755);
      const run = (name: string) =>
        execFileSync('/bin/sh', ['-c', '"$0"; echo "$?"', path], {
          env: { PATH: process.env['PATH'], LANACME_HOOK_NAME: name, RENEWED_DOMAINS: 'nas.lan.example' },
          encoding: 'utf8',
        });
      expect(run('nas')).toBe('a, b x nas.lan.example\n3\n');
      expect(run('other')).toBe('0\n');
    } finally {
      await folder.remove();
    }
  });
});
