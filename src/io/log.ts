import type { Clock, Log } from '../ports.ts';
import { LaterJson } from './log-json-later.ts';
import { journalLine, type Level, type Message, prettyLines } from './log-line.ts';
import { type Terminal, WaitingLine } from './waiting-line.ts';

export interface LogOptions {
  /** Less important messages are dropped. */
  readonly level: Level;
  readonly format: 'json' | 'pretty' | 'journal';
  /** Warnings and errors only, whatever the level. */
  readonly quiet: boolean;
  readonly color: boolean;
  /** Redraw a line while waiting; only a terminal can show it. */
  readonly live: boolean;
  readonly stream: Terminal;
  readonly clock: Clock;
}

/** Where messages go, in one of the formats. */
interface Sink {
  take(message: Message): void;
  flushed(): Promise<void>;
}

export interface OpenLog extends Log {
  /** Resolves once everything that was said is written: to be awaited before the program ends. */
  flushed(): Promise<void>;
}

const ranks: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log on a stream. */
export function makeLog(options: LogOptions): OpenLog {
  const least = Math.max(ranks[options.level], options.quiet ? ranks.warn : 0);
  const line = new WaitingLine(options.stream, options.clock);
  const sink = makeSink(options, line);
  const log =
    (level: Level): Log['info'] =>
    (sentence, fields = {}) => {
      if (ranks[level] >= least) sink.take({ level, sentence, fields, at: options.clock.now() });
    };
  const info = log('info');
  return {
    debug: log('debug'),
    info,
    warn: log('warn'),
    error: log('error'),
    waiting(what) {
      if (options.live && ranks.info >= least) return line.begin(what);
      info(`waiting for ${what}`);
      return () => undefined;
    },
    flushed: async () => {
      await sink.flushed();
    },
  };
}

function makeSink({ format, color, stream }: LogOptions, line: WaitingLine): Sink {
  switch (format) {
    case 'pretty':
      return atOnce((message) => {
        line.above(`${prettyLines(message, color).join('\n')}\n`);
      });
    case 'journal':
      return atOnce((message) => {
        stream.write(`${journalLine(message)}\n`);
      });
    case 'json':
      return new LaterJson((text) => {
        stream.write(text);
      });
  }
}

function atOnce(take: (message: Message) => void): Sink {
  return {
    take,
    flushed: async () => {
      await Promise.resolve();
    },
  };
}
