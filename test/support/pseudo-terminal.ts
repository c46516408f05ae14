/** Runs the built program on a terminal of its own, as a person sees it: both outputs in one, as they come. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { killWithUs } from './child-process.ts';
import { program } from './run-lanacme.ts';

export interface OnTerminal {
  /** Resolves once this was written; rejects if the program ends without it. */
  shows(text: RegExp): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly written: string }>;
}

export function startOnTerminal(
  args: readonly string[],
  { env = {}, columns = 80 }: { readonly env?: Readonly<Record<string, string>>; readonly columns?: number },
): OnTerminal {
  const words = [process.execPath, program, ...args].map(
    (word) => `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  // util-linux' script(1): it makes the terminal, and its exit code is that of the command.
  const command = `stty cols ${columns} rows 24; exec ${words.join(' ')}`;
  const child = spawn('script', ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    cwd: tmpdir(),
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      LANG: 'C.UTF-8',
      TERM: 'xterm',
      SHELL: '/bin/sh',
      ...env,
    },
  });
  const screen = { written: '' };
  const looks = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen.written += text;
    for (const look of looks) look();
  });
  const ended = endOf(child, screen);
  ended.catch(() => undefined);
  return {
    ended,
    async shows(text) {
      await new Promise<void>((resolve, reject) => {
        const look = (): void => {
          if (text.test(screen.written)) resolve();
        };
        looks.add(look);
        look();
        ended.then(({ written }) => {
          reject(new Error(`lanacme ended without showing ${String(text)}:\n${written}`));
        }, reject);
      });
    },
  };
}

async function endOf(
  child: ChildProcess,
  screen: { readonly written: string },
): Promise<{ readonly code: number | null; readonly written: string }> {
  const letGo = killWithUs(child);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, written: screen.written };
  } catch (error) {
    throw new Error('script(1) makes the terminal of this test: apt install bsdutils', { cause: error });
  } finally {
    letGo();
  }
}
