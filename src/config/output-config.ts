import type { LogConfig, OutputConfig } from './config.ts';
import type { Host } from './host.ts';
import type { Values } from './values.ts';

/**
 * Where results and logs go. It never fails: what is wrong counts as the default, so that the problems of a
 * configuration can themselves be told in the wanted form.
 */
export function outputConfig(values: Values, host: Host): OutputConfig {
  const { isTerminal, environment } = host;
  const format = values.get('log-format') ?? defaultFormat(host);
  const canDraw = isTerminal && format === 'pretty' && environment['TERM'] !== 'dumb';
  const quiet = values.get('quiet');
  return {
    json: values.get('json'),
    log: {
      level: values.get('log-level'),
      format,
      quiet,
      // https://no-color.org: any value that is not empty.
      color: canDraw && (environment['NO_COLOR'] ?? '') === '',
      live: canDraw && !quiet,
    },
  };
}

function defaultFormat({ isTerminal, environment }: Host): LogConfig['format'] {
  if (isTerminal) return 'pretty';
  return (environment['JOURNAL_STREAM'] ?? '') === '' ? 'json' : 'journal';
}
