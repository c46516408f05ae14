/** The frame around every command: argv to settings to Config to handler to result, and any failure told once. */
import { checkConfig } from '../config/check.ts';
import type { BuiltCommand, Config, LogConfig } from '../config/config.ts';
import type { Host } from '../config/host.ts';
import { outputConfig } from '../config/output-config.ts';
import { type RawSettings, readSettings } from '../config/read.ts';
import { Values } from '../config/values.ts';
import { exitCode } from '../core/exit-code.ts';
import { asLanacmeErrors } from '../errors.ts';
import type { Log } from '../ports.ts';
import { type Arguments, parseArguments } from './arguments.ts';
import { chooseCommand, unexpectedWords } from './choose-command.ts';
import { isCommand } from './commands.ts';
import { type CommandResult, resultText } from './output.ts';
import { reportFailure } from './report-error.ts';

/** What a command runs with besides its configuration. */
export interface CommandContext {
  readonly log: Log;
  /** Aborted by SIGINT, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
}

/** Does a command. What it throws is reported by the frame; what failed beside a success is in the result. */
export type CommandHandler<C extends Config> = (config: C, context: CommandContext) => Promise<CommandResult>;

export type CommandHandlers = {
  readonly [C in BuiltCommand]: CommandHandler<ConfigOf<C>>;
};

type ConfigOf<C extends BuiltCommand> = Extract<Config, { readonly command: C }>;

/** The world outside, and what is done in it. */
export interface CommandLineDeps {
  readonly host: Host;
  /** Standard output. */
  readonly stdout: { write(text: string): unknown };
  readonly makeLog: (config: LogConfig) => Log & {
    /** Resolves once everything that was said is written. */
    flushed(): Promise<void>;
  };
  /**
   * Called once what root may read has been read, before anything in the state folder is touched. If it has the owner of
   * the state folder do the run, in a process of its own, it returns the exit code of that: everything is told then.
   */
  readonly becomeOwner: (config: Config, log: Log) => Promise<DoneElsewhere | undefined>;
  readonly handlers: CommandHandlers;
  readonly signal: AbortSignal;
}

interface DoneElsewhere {
  readonly exitCode: number;
}

/** Runs a command with its options. It never throws for what the command does. */
export async function runCommandLine(argv: readonly string[], deps: CommandLineDeps): Promise<number> {
  const typed = parseArguments(argv);
  const { host } = deps;
  const command = isCommand(typed.command) ? typed.command : undefined;
  const raw = readSettings({ command, flags: typed.flags, host });
  const values = new Values(command, raw, host);
  const output = outputConfig(values, host);
  const log = deps.makeLog(output.log);
  const result = await resultOf(typed, raw, values, log, deps);
  if ('exitCode' in result) return result.exitCode;
  for (const failure of result.failures) reportFailure(failure, log);
  deps.stdout.write(resultText(result, output.json));
  await log.flushed();
  return exitCode(result.failures.map(({ error }) => error.outcome));
}

/** Clean-up may take seconds, in which a person at the keyboard wonders whether the key was felt. */
function tellInterruption(reason: unknown, log: Log): void {
  for (const { message } of asLanacmeErrors(reason)) {
    log.info(`${message}: cleaning up (a second signal ends this at once)`);
  }
}

/** What the command says, where it was done, or the failure that kept it from saying anything. */
async function resultOf(
  typed: Arguments,
  raw: RawSettings,
  values: Values,
  log: Log,
  deps: CommandLineDeps,
): Promise<CommandResult | DoneElsewhere> {
  let certificate: string | undefined;
  try {
    const command = chooseCommand(typed.command, values.problems);
    const problems = [...unexpectedWords(command, typed.names), ...values.problems];
    const config = checkConfig({ command, names: typed.names, values, raw, host: deps.host, problems });
    certificate = nameOf(config);
    const elsewhere = await deps.becomeOwner(config, log);
    if (elsewhere !== undefined) return elsewhere;
    deps.signal.addEventListener('abort', () => {
      tellInterruption(deps.signal.reason, log);
    });
    return await handle(config.command, config, deps.handlers, { log, signal: deps.signal });
  } catch (thrown) {
    const failures = asLanacmeErrors(thrown).map((error) => ({ error, certificate }));
    return { text: '', certificates: [], failures };
  }
}

async function handle<C extends BuiltCommand>(
  command: C,
  config: ConfigOf<C>,
  handlers: CommandHandlers,
  context: CommandContext,
): Promise<CommandResult> {
  return await handlers[command](config, context);
}

/** The one certificate that a command is about. */
function nameOf(config: Config): string | undefined {
  if (config.command === 'issue') return config.certificate.name;
  if ('names' in config) return config.names.length === 1 ? config.names[0] : undefined;
  return 'certificate' in config ? config.certificate : undefined;
}
