import { describe, expect, it } from 'vitest';
import { configOf, leastIdentity as iot, problemsOf } from './made-host.ts';

const serve = { names: ['serve'] };

describe('credentials serve', () => {
  it.each([
    [
      { RUNTIME_DIRECTORY: '/run/a:/run/b', XDG_RUNTIME_DIR: '/run/user/1' },
      1000,
      '/run/a/credentials-token',
    ],
    [{ XDG_RUNTIME_DIR: '/run/user/1' }, 1000, '/run/user/1/lanacme-credentials-token'],
    [{ RUNTIME_DIRECTORY: '/run/a' }, 0, '/run/a/credentials-token'],
  ])('has its token, with %j and user %i, in %s', async (environment, uid, tokenFile) => {
    const situation = { ...serve, environment: { HOME: '/h', ...environment }, uid };
    const config = await configOf('credentials', { ...iot }, situation);
    expect(config).toMatchObject({ command: 'credentials', action: 'serve', port: 9912, tokenFile });
  });

  it.each([
    ['nobody has made a place for it', {}, 1000],
    ['a relative folder', { XDG_RUNTIME_DIR: 'run' }, 1000],
    [
      "root's own folder, which the owner of the state folder may not enter",
      { XDG_RUNTIME_DIR: '/run/user/0' },
      0,
    ],
  ])('has no token of its own where there is %s', async (_what, environment, uid) => {
    expect(
      await problemsOf(
        'credentials',
        { ...iot },
        { ...serve, environment: { HOME: '/h', ...environment }, uid },
      ),
    ).toEqual([expect.stringContaining('config.missing: --token-file is missing')]);
  });

  it('takes a port, and a token that systemd hands over', async () => {
    const given = { ...iot, port: '0', 'token-file': 'credential:token' };
    expect(await configOf('credentials', given, serve)).toMatchObject({
      port: 0,
      tokenFile: 'credential:token',
    });
  });

  it.each([
    [{ 'token-file': '/t', port: '65536' }, 'config.invalid-value: --port'],
    [{ 'token-file': '/t', output: '/a' }, 'config.conflict: --output is not for lanacme credentials serve'],
    [
      { 'token-file': '/t', 'key-group': 'a' },
      'config.conflict: --key-group is not for lanacme credentials serve',
    ],
  ])('%j is wrong usage', async (given, problem) => {
    const problems = await problemsOf('credentials', { ...iot, ...given }, serve);
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });

  it('shares the env file with credentials that are printed', async () => {
    const lines = ['LANACME_PORT=1', 'LANACME_TOKEN_FILE=/t', 'LANACME_OUTPUT=/a', 'LANACME_FORMAT=env'];
    const files = { '/etc/lanacme/lanacme.env': `${lines.join('\n')}\n` };
    expect(await configOf('credentials', { ...iot }, { ...serve, files })).toMatchObject({
      port: 1,
      tokenFile: '/t',
    });
    expect(await configOf('credentials', { ...iot }, { files })).toHaveProperty('target.format', 'env');
  });
});

describe('credentials without serve', () => {
  it.each([
    [{ port: '1' }, [], 'config.conflict: --port is for lanacme credentials serve'],
    [{ 'token-file': '/t' }, [], 'config.conflict: --token-file is for lanacme credentials serve'],
    [{}, ['server'], 'config.unknown-command: unknown command "credentials server"'],
  ])('%j %j is wrong usage', async (given, names, problem) => {
    const problems = await problemsOf('credentials', { ...iot, ...given }, { names });
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});
