/** Reads what `strace -f -yy -o FILE` writes. */

export interface SystemCall {
  readonly name: string;
  /** The file of a path that was opened or named, or of the descriptor in front: `/tmp/x`, `TCP:[a:1->b:2]`. */
  readonly target: string | undefined;
  /** Every quoted argument, unescaped; cut where strace cuts. */
  readonly strings: readonly string[];
  /** As strace prints the arguments, for flags. */
  readonly text: string;
  readonly failed: boolean;
  /** Lines of the trace: a call that another thread's call interrupts has two. */
  readonly began: number;
  readonly ended: number;
}

/** Every call that returned, in the order of returning. */
export function parseTrace(trace: string): readonly SystemCall[] {
  const unfinished = new Map<string, { readonly text: string; readonly began: number }>();
  return trace.split('\n').flatMap((line, number) => {
    const { pid, name, rest } = lineParts(line);
    if (pid === undefined || name === undefined || rest === undefined) return [];
    const key = `${pid} ${name}`;
    if (rest.endsWith(cut)) {
      unfinished.set(key, { text: rest.slice(0, -cut.length), began: number });
      return [];
    }
    const first = unfinished.get(key);
    unfinished.delete(key);
    return call(name, `${first?.text ?? ''}${rest}`, first?.began ?? number, number);
  });
}

const cut = ' <unfinished ...>';

/** `17 fsync(…`, or `17 <... fsync resumed>…`. */
function lineParts(line: string): Partial<Record<'pid' | 'name' | 'rest', string>> {
  const begun = /^(?<pid>\d+) +(?<name>\w+)\((?<rest>.*)$/.exec(line);
  const resumed = /^(?<pid>\d+) +<\.\.\. (?<name>\w+) resumed>(?<rest>.*)$/.exec(line);
  return begun?.groups ?? resumed?.groups ?? {};
}

function call(name: string, rest: string, began: number, ended: number): SystemCall[] {
  // Of a process that was killed in a call, strace prints a question mark: the call never returned.
  const [, text, result] = /^(.*)\) += (-?\d+|0x[0-9a-f]+)\b[^"]*$/.exec(rest) ?? [];
  if (text === undefined || result === undefined) return [];
  const strings = [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, quoted = '']) => unescapeC(quoted));
  const target = /^\d+<((?:->|[^<>])*)>/.exec(text)?.[1] ?? strings.at(-1);
  return [{ name, target, strings, text, failed: result.startsWith('-'), began, ended }];
}

const letters: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', v: '\v', f: '\f' };

function unescapeC(quoted: string): string {
  return quoted.replace(/\\([0-7]{1,3}|.)/g, (_all, what: string) =>
    /^[0-7]/.test(what) ? String.fromCharCode(Number.parseInt(what, 8)) : (letters[what] ?? what),
  );
}
