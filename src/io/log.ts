import type { Clock, Log } from '../ports.ts';
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

/** Writes one message. */
type Sink = (message: Message) => void;

const ranks: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** A log on a stream. It is async because pino is loaded only for JSON. */
export async function makeLog(options: LogOptions): Promise<Log> {
  const least = Math.max(ranks[options.level], options.quiet ? ranks.warn : 0);
  const write = (text: string): void => {
    options.stream.write(text);
  };
  const line = new WaitingLine(options.stream, options.clock);
  const sink = await makeSink(options, write, line);
  const log =
    (level: Level): Log['info'] =>
    (sentence, fields = {}) => {
      if (ranks[level] >= least) sink({ level, sentence, fields });
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
  };
}

async function makeSink(
  options: LogOptions,
  write: (text: string) => void,
  line: WaitingLine,
): Promise<Sink> {
  switch (options.format) {
    case 'pretty':
      return (message) => {
        line.above(`${prettyLines(message, options.color).join('\n')}\n`);
      };
    case 'journal':
      return (message) => {
        write(`${journalLine(message)}\n`);
      };
    case 'json': {
      const { jsonSink } = await import('./log-json.ts');
      return jsonSink(options.clock, write);
    }
  }
}
