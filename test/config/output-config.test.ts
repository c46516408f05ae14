import { describe, expect, it } from 'vitest';
import { outputConfig } from '../../src/config/output-config.ts';
import { readSettings } from '../../src/config/read.ts';
import { Values } from '../../src/config/values.ts';
import { flags, madeHost, type Situation } from './made-host.ts';

async function outputOf(typed: Readonly<Record<string, string>>, situation: Situation = {}) {
  const host = madeHost(situation);
  const raw = readSettings({ command: 'issue', flags: flags(typed), host });
  return outputConfig(new Values('issue', raw, host), host);
}

const terminal = { isTerminal: true };

describe('outputConfig', () => {
  it.each([
    [
      'a terminal gets pretty lines, colour and a live line',
      {},
      { isTerminal: true },
      { format: 'pretty', color: true, live: true },
    ],
    [
      'systemd gets its journal',
      {},
      { environment: { JOURNAL_STREAM: '8:1' } },
      { format: 'journal', color: false, live: false },
    ],
    ['a pipe gets JSON', {}, {}, { format: 'json', color: false, live: false }],
    [
      'pretty lines in a pipe are plain',
      { 'log-format': 'pretty' },
      {},
      { format: 'pretty', color: false, live: false },
    ],
    [
      'JSON on a terminal is plain',
      { 'log-format': 'json' },
      terminal,
      { format: 'json', color: false, live: false },
    ],
    [
      'NO_COLOR takes colour away, not the live line',
      {},
      { isTerminal: true, environment: { NO_COLOR: '1' } },
      { color: false, live: true },
    ],
    [
      'an empty NO_COLOR means nothing',
      {},
      { isTerminal: true, environment: { NO_COLOR: '' } },
      { color: true },
    ],
    [
      'a dumb terminal can do neither',
      {},
      { isTerminal: true, environment: { TERM: 'dumb' } },
      { color: false, live: false },
    ],
    ['quiet has no live line', { quiet: 'true' }, terminal, { quiet: true, live: false }],
    [
      'what is wrong counts as the default',
      { 'log-level': 'loud', quiet: 'maybe' },
      {},
      { level: 'info', quiet: false },
    ],
  ])('%s', async (_title, typed, situation, expected) => {
    expect((await outputOf(typed, situation)).log).toMatchObject(expected);
  });

  it('knows of --json though everything else is wrong', async () => {
    expect((await outputOf({ json: 'true', zone: '', frobnicate: 'x' })).json).toBe(true);
  });
});
