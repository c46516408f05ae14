/** What a command line asks for. */

export interface ProgramDeps {
  readonly version: string;
  /** Standard output. */
  readonly stdout: { write(text: string): unknown; readonly columns?: number | undefined };
  /** Anything but a question about the program itself; it is loaded only then. */
  readonly runCommandLine: (argv: readonly string[]) => Promise<number>;
}

/**
 * Runs one command line, without the program's name, and returns its exit code. It never throws for what a command
 * does; standard output carries the result only.
 */
export async function run(argv: readonly string[], deps: ProgramDeps): Promise<number> {
  const options = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : argv.length);
  if (options.includes('--version')) {
    deps.stdout.write(`${deps.version}\n`);
    return 0;
  }
  if (options.some((option) => option === '--help' || option === '-h') || argv[0] === 'help') {
    const { helpText } = await import('./help.ts');
    deps.stdout.write(await helpText(argv, deps.stdout.columns));
    return 0;
  }
  return await deps.runCommandLine(argv);
}
