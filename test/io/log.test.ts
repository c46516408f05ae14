import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type LogOptions, makeLog } from '../../src/io/log.ts';
import type { Clock } from '../../src/ports.ts';

const start = new Date('2026-11-22T10:00:00Z');

function collected(options: Partial<LogOptions> = {}) {
  const written: string[] = [];
  let now = start;
  const clock = { now: () => now } as Clock;
  const all: LogOptions = {
    level: 'info',
    format: 'pretty',
    quiet: false,
    color: false,
    live: false,
    stream: { write: (text) => written.push(text) },
    clock,
    ...options,
  };
  return {
    log: makeLog(all),
    text: () => written.join(''),
    pass: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
  };
}

async function textOf(
  options: Partial<LogOptions>,
  level: LogOptions['level'],
  ...message: [string, object?]
): Promise<string> {
  const { log, text } = collected({ level: 'debug', ...options });
  log[level](message[0], message[1] as Record<string, unknown>);
  await log.flushed();
  return text();
}

const refusal = {
  code: 'route53.access-denied',
  details: ['CREATE TXT _acme-challenge.lan.example', 'DELETE TXT x'],
  hint: 'allow it',
  status: 403,
};

describe('pretty', () => {
  it.each([
    ['progress is a plain sentence', 'info', 'ordered', {}, 'ordered\n'],
    [
      'fields stand behind it',
      'info',
      'ordered',
      { order: 'https://ca/1', took: 'a b', left: undefined },
      'ordered order=https://ca/1 took="a b"\n',
    ],
    ['a warning says that it is one', 'warn', 'slow', {}, 'lanacme: warning: slow\n'],
    [
      'an error has its code, its details and what to do',
      'error',
      'refused',
      refusal,
      'lanacme: refused (route53.access-denied) status=403\n    CREATE TXT _acme-challenge.lan.example\n    DELETE TXT x\nlanacme: hint: allow it\n',
    ],
    ['debugging is marked', 'debug', 'asked', { method: 'GET' }, 'debug: asked method=GET\n'],
    [
      'an error as a field tells its message',
      'info',
      'x',
      { cause: new Error('no route') },
      'x cause="no route"\n',
    ],
  ] as const)('%s', async (_title, level, sentence, fields, expected) => {
    expect(await textOf({}, level, sentence, fields)).toBe(expected);
  });

  it('has colour where it is wanted only', async () => {
    expect(await textOf({ color: true }, 'error', 'refused', refusal)).toContain(
      '\x1b[1;31mlanacme:\x1b[0m refused',
    );
    expect(await textOf({ color: false }, 'error', 'refused', refusal)).not.toContain('\x1b');
  });
});

describe('journal', () => {
  it.each([
    ['error', '<3>said'],
    ['warn', '<4>said'],
    ['info', '<6>said'],
    ['debug', '<7>said'],
  ] as const)('%s has its priority', async (level, expected) => {
    expect(await textOf({ format: 'journal' }, level, 'said')).toBe(`${expected}\n`);
  });

  it('makes one line of a message, whatever is in it', async () => {
    expect(await textOf({ format: 'journal' }, 'error', 'refused\n<0>', { ...refusal, hint: 'a\nb' })).toBe(
      '<3>refused\\n<0>; CREATE TXT _acme-challenge.lan.example; DELETE TXT x; hint: a\\nb code=route53.access-denied status=403\n',
    );
  });
});

describe('json', () => {
  it('is an object a line, with the level as a word and the time in RFC 3339', async () => {
    const text = await textOf({ format: 'json' }, 'error', 'refused', {
      ...refusal,
      cause: new Error('no route'),
    });
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual({
      level: 'error',
      time: '2026-11-22T10:00:00.000Z',
      msg: 'refused',
      cause: 'no route',
      ...refusal,
    });
  });

  it('is in order and has the time of each message, also of those that came while pino was loading', async () => {
    const { log, text, pass } = collected({ format: 'json' });
    log.info('first');
    pass(1);
    log.warn('second');
    expect(text()).toBe('');
    await log.flushed();
    log.info('third');
    await log.flushed();
    const lines = text().trim().split('\n');
    const read = lines.map((line) => JSON.parse(line) as { time: string; msg: string });
    expect(read.map(({ time, msg }) => `${time.slice(17, 19)} ${msg}`)).toEqual([
      '00 first',
      '01 second',
      '01 third',
    ]);
  });

  it('keeps the exact text for programs, and harmless for terminals', async () => {
    const text = await textOf({ format: 'json' }, 'info', 'a\n\u009b2J\u202e', { f: '\x1b]0;' });
    expect(text).toBe(
      '{"level":"info","time":"2026-11-22T10:00:00.000Z","f":"\\u001b]0;","msg":"a\\n\\u009b2J\\u202e"}\n',
    );
  });
});

describe('levels', () => {
  it.each([
    ['debug', false, 'debug info warn error'],
    ['info', false, 'info warn error'],
    ['warn', false, 'warn error'],
    ['error', false, 'error'],
    ['debug', true, 'warn error'],
    ['error', true, 'error'],
  ] as const)('%s, quiet %s: %s', async (level, quiet, expected) => {
    for (const format of ['pretty', 'journal', 'json'] as const) {
      const { log, text } = collected({ level, quiet, format });
      for (const said of ['debug', 'info', 'warn', 'error'] as const) log[said](`+${said}`);
      await log.flushed();
      expect(Array.from(text().matchAll(/\+(\w+)/g), ([, word]) => word).join(' ')).toBe(expected);
    }
  });
});

describe('foreign text', () => {
  it('cannot reach the terminal in any format', async () => {
    const evil = '\x1b[2J\u009b31m\u202e\0\r';
    for (const format of ['pretty', 'journal', 'json'] as const) {
      const text = await textOf({ format }, 'error', evil, {
        [evil]: evil,
        details: [evil],
        hint: evil,
        code: evil,
        e: new Error(evil),
      });
      // biome-ignore format: the line end of the line itself is the only one left
      expect(text.replace(/\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }
  });
});

describe('waiting', () => {
  it('is one plain line where no line can be redrawn', async () => {
    const { log, text } = collected();
    const done = log.waiting('INSYNC');
    done();
    expect(text()).toBe('waiting for INSYNC\n');
  });

  it.each([{ level: 'warn' }, { quiet: true }, { level: 'warn', live: true }] as const)(
    'is not told with %o',
    async (options) => {
      const { log, text } = collected(options);
      log.waiting('INSYNC')();
      expect(text()).toBe('');
    },
  );

  it('is a live line on a terminal: what for, since when, redrawn each second, gone at the end', async () => {
    vi.useFakeTimers();
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { log, text, pass } = collected({ live: true });
    const done = log.waiting('INSYNC\x1b');
    pass(1);
    vi.advanceTimersByTime(1000);
    expect(text()).toBe('\r\x1b[2Kwaiting for INSYNC\\x1b (0 s)\r\x1b[2Kwaiting for INSYNC\\x1b (1 s)');
    done();
    done();
    expect(text().endsWith('(1 s)\r\x1b[2K')).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is cut to the width of the terminal, which cannot clear more than a line', async () => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text), columns: 30 };
    const { log } = collected({ live: true, stream });
    log.waiting('the lock, held by process 7')();
    stream.columns = 3;
    log.waiting('x')();
    const clear = '\r\x1b[2K';
    expect(written).toEqual([`${clear}waiting for the lock, … (0 s)`, clear, `${clear}… (0 s)`, clear]);
  });

  it('lets other messages through above it, and shows the newest of several waits', async () => {
    const { log, text } = collected({ live: true });
    const first = log.waiting('A');
    const second = log.waiting('B');
    log.info('between');
    second();
    first();
    const clear = '\r\x1b[2K';
    expect(text()).toBe(
      [
        `${clear}waiting for A (0 s)`,
        `${clear}waiting for B (0 s)`,
        `${clear}between\n${clear}waiting for B (0 s)`,
        `${clear}waiting for A (0 s)`,
        clear,
      ].join(''),
    );
  });
});
