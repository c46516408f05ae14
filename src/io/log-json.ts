/** Loads pino: import it with `import()`. A static import with a name is what survives bundling. */
import { pino } from 'pino';
import { escapeJson } from '../core/escape.ts';
import type { LogFields } from '../ports.ts';
import type { Message } from './log-line.ts';

/** A JSON object a line, as pino writes it: `level` is a word, `time` is RFC 3339, `msg` the sentence. */
export function jsonSink(write: (text: string) => void): (message: Message) => void {
  let at = new Date(0);
  const logger = pino(
    {
      base: null,
      level: 'debug',
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${at.toISOString()}"`,
    },
    {
      write: (json: string) => {
        write(escapeJson(json));
      },
    },
  );
  return (message) => {
    ({ at } = message);
    logger[message.level](plain(message.fields), message.sentence);
  };
}

/** JSON would make `{}` of an error. */
function plain(fields: LogFields): LogFields {
  const shown = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Error ? value.message : value,
  ]);
  return Object.fromEntries(shown) as LogFields;
}
