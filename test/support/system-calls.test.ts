import { describe, expect, it } from 'vitest';
import { parseTrace } from './system-calls.ts';

describe('a trace of system calls', () => {
  it('tells what was done to which file', () => {
    const calls = parseTrace(
      [
        '17 openat(AT_FDCWD</tmp>, "/s/journal/a", O_WRONLY|O_CREAT, 0600) = 19</s/journal/a>',
        '17 fsync(19</s/journal/a>)           = 0',
        '18 rename("/s/journal/a", "/s/journal/b") = 0',
        '18 openat(AT_FDCWD</tmp>, "/s/c", O_RDONLY) = -1 ENOENT (No such file or directory)',
        '',
      ].join('\n'),
    );
    expect(calls.map(({ name, target, failed }) => [name, target, failed])).toEqual([
      ['openat', '/s/journal/a', false],
      ['fsync', '/s/journal/a', false],
      ['rename', '/s/journal/b', false],
      ['openat', '/s/c', true],
    ]);
    expect(calls[0]?.text).toContain('O_CREAT');
    expect(calls[2]?.strings).toEqual(['/s/journal/a', '/s/journal/b']);
  });

  it('tells what was sent to whom', () => {
    const [call] = parseTrace(
      '17 writev(19<TCP:[127.0.0.1:5->127.0.0.1:80]>, [{iov_base="POST /x HTTP/1.1\\r\\n\\"a\\\\b\\"\\0\\177", iov_len=9}], 1) = 9',
    );
    expect(call?.target).toBe('TCP:[127.0.0.1:5->127.0.0.1:80]');
    expect(call?.strings).toEqual(['POST /x HTTP/1.1\r\n"a\\b"\0\x7f']);
  });

  it('puts together what another thread interrupted, in the order of returning', () => {
    const calls = parseTrace(
      [
        '17 fsync(19</s/a> <unfinished ...>',
        '18 write(3</s/log>, "x", 1 <unfinished ...>',
        '17 <... fsync resumed>)              = 0',
        '18 <... write resumed>)              = 1',
      ].join('\n'),
    );
    expect(calls.map(({ name, target, began, ended }) => [name, target, began, ended])).toEqual([
      ['fsync', '/s/a', 0, 2],
      ['write', '/s/log', 1, 3],
    ]);
  });

  it('takes what a read returned after the interruption', () => {
    const [call] = parseTrace(
      [
        '17 read(19<TCP:[a:1->b:2]>,  <unfinished ...>',
        '17 <... read resumed>"HTTP/1.1 200", 65536) = 12',
      ].join('\n'),
    );
    expect(call).toMatchObject({ target: 'TCP:[a:1->b:2]', strings: ['HTTP/1.1 200'] });
  });

  it('leaves out signals, ends of processes, and calls that never returned', () => {
    const trace = [
      '17 --- SIGCHLD {si_signo=SIGCHLD} ---',
      '17 fsync(19</s/a>)                   = ?',
      '18 fsync(20</s/b> <unfinished ...>',
      '17 +++ exited with 0 +++',
    ];
    expect(parseTrace(trace.join('\n'))).toEqual([]);
  });
});
