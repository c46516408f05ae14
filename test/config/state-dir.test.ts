import { describe, expect, it } from 'vitest';
import { configOf, problemsOf } from './made-host.ts';

describe('the state folder, if none is named', () => {
  it.each([
    [
      "is what systemd's StateDirectory= made, the first of them",
      { STATE_DIRECTORY: '/var/lib/a:/var/lib/b' },
      0,
      '/var/lib/a',
    ],
    ["is the system's for root", { HOME: '/root', XDG_STATE_HOME: '/x' }, 0, '/var/lib/lanacme'],
    [
      "is in the user's state home",
      { XDG_STATE_HOME: '/home/a/state', HOME: '/home/a' },
      1000,
      '/home/a/state/lanacme',
    ],
    [
      'is in the usual place if there is no state home',
      { HOME: '/home/a' },
      1000,
      '/home/a/.local/state/lanacme',
    ],
    [
      'ignores a state home that is relative, as XDG says',
      { XDG_STATE_HOME: 'x', HOME: '/home/a' },
      1000,
      '/home/a/.local/state/lanacme',
    ],
    [
      'ignores empty variables',
      { STATE_DIRECTORY: '', XDG_STATE_HOME: '', HOME: '/home/a' },
      1000,
      '/home/a/.local/state/lanacme',
    ],
  ])('%s', async (_title, environment, uid, expected) => {
    expect((await configOf('status', {}, { environment, uid })).stateDir).toBe(expected);
  });

  it('must be named where there is no home', async () => {
    expect(await problemsOf('status', {}, { environment: {} })).toEqual([
      'config.missing: --state-dir: there is no folder to keep state in: HOME is not set',
    ]);
    expect((await configOf('status', { 'state-dir': '/s' }, { environment: {} })).stateDir).toBe('/s');
  });
});
