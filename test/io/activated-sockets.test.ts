import { describe, expect, test } from 'vitest';
import { refuseActivatedSockets, takeActivatedSockets } from '../../src/io/activated-sockets.ts';

const pid = 4711;

describe('the sockets of systemd are', () => {
  test.each([
    ['one', { LISTEN_PID: '4711', LISTEN_FDS: '1' }, [3]],
    ['two', { LISTEN_PID: '4711', LISTEN_FDS: '2', LISTEN_FDNAMES: 'a:b' }, [3, 4]],
    ['none', {}, []],
    ['those of another process', { LISTEN_PID: '4712', LISTEN_FDS: '1' }, []],
    ['of nobody', { LISTEN_FDS: '1' }, []],
  ])('%s', (_what, variables, descriptors) => {
    const environment: NodeJS.ProcessEnv = { ...variables, PATH: '/bin' };
    expect(takeActivatedSockets(environment, pid)).toEqual(descriptors);
    expect(environment).toEqual({ PATH: '/bin' });
  });
});

test.each(['0', '-1', '9', 'x', '1e9'])('what systemd cannot have said is refused: %s', (count) => {
  const environment = { LISTEN_PID: String(pid), LISTEN_FDS: count };
  expect(() => takeActivatedSockets(environment, pid)).toThrow(
    expect.objectContaining({ code: 'endpoint.unavailable' }),
  );
});

test('root does not hand them to another user: it says which user the unit has to name', () => {
  const environment = { LISTEN_PID: String(pid), LISTEN_FDS: '1' };
  expect(() => {
    refuseActivatedSockets(environment, pid, 'lanacme');
  }).toThrow(
    expect.objectContaining({
      code: 'endpoint.unavailable',
      hint: 'set User=lanacme in the service unit, as lanacme-credentials-serve.service does',
    }),
  );
  expect(() => {
    refuseActivatedSockets(environment, pid + 1, 'lanacme');
  }).not.toThrow();
});
