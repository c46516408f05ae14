import { expect, it } from 'vitest';
import { bareEnvironment, environmentWithoutOurs } from '../../src/io/child-environment.ts';

const given = {
  PATH: '/opt/bin:/usr/bin',
  HOME: '/home/lan',
  XDG_RUNTIME_DIR: '/run/user/1000',
  LANACME_EAB_HMAC_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
};

it('has no more than the way to other programs', () => {
  expect(bareEnvironment(given)).toEqual({ PATH: '/opt/bin:/usr/bin' });
  expect(bareEnvironment({})).toEqual({ PATH: '/usr/bin:/bin' });
});

it('has what a session has, but for settings', () => {
  expect(environmentWithoutOurs(given)).toEqual({
    PATH: '/opt/bin:/usr/bin',
    HOME: '/home/lan',
    XDG_RUNTIME_DIR: '/run/user/1000',
  });
});
