/** Hooks, by whoever has the right to run them. */
import { existsSync } from 'node:fs';
import type { Config, HookCommands, HooksConfig, HostHooksConfig } from '../config/config.ts';
import type { RootPartConfig } from '../core/root-messages.ts';
import { rootQueueFolder } from '../core/root-queue.ts';
import type { HandedOver } from '../io/handed-over.ts';
import { commandHooks, hostHooks } from '../io/host-hooks.ts';
import type { RootProcess } from '../io/root-process.ts';
import type { Hooks, HostHook, Log, RootHooks, ServedLeaf } from '../ports.ts';
import { once } from './once.ts';

/** For a command that deploys. */
export function wireHooks(config: HooksConfig, log: Log): { hooks: Hooks; served: ServedLeaf } {
  const { timeoutMs, deployOfFile: commands, envFile } = config;
  // Whoever is not root runs hooks as themselves.
  const user = process.geteuid?.() === 0 ? config.user : undefined;
  const shell = once(async () => {
    const { ShellHooks } = await import('../io/hooks.ts');
    return new ShellHooks({ timeoutMs, log, ...(user === undefined ? {} : { user }) });
  });
  let ofHost: readonly HostHook[] | undefined;
  return {
    hooks: {
      run: async (command, environment, signal) => await (await shell()).run(command, environment, signal),
      runFile: async (path, environment, signal) => await (await shell()).runFile(path, environment, signal),
      ofHost: () => (ofHost ??= hostHooks({ commands, envFile })),
      around: () => ({ pre: around(config.pre, config), post: around(config.post, config) }),
    },
    served: {
      ask: async (target, serverName, signal) =>
        await (await import('../io/served-leaf.ts')).servedLeaf.ask(target, serverName, signal),
    },
  };
}

function around({ commands, isOfFile }: HookCommands, { envFile, skip }: HooksConfig): readonly HostHook[] {
  if (skip) return [];
  return isOfFile ? commandHooks(commands, envFile) : commandHooks(commands);
}

/**
 * What root noted of its own hooks, for the owner of the state folder to look at; nothing where root never ran any.
 *
 * @param hostHooks root's hooks, if root has said which they are
 */
export async function wireNotedHooks(
  stateDir: string,
  hostHooks?: readonly string[],
): Promise<{ readonly rootHooks?: Pick<RootHooks, 'states'> }> {
  if (hostHooks === undefined ? !existsSync(rootQueueFolder) : hostHooks.length === 0) return {};
  // With it comes Node's crypto, which takes longer to load than anything else of a run that only looks.
  const { notedRootHooks } = await import('../io/noted-root-hooks.ts');
  return { rootHooks: notedRootHooks({ stateDir, hostHooks }) };
}

/** What root would run now for every certificate. To be called as root. */
export function rootCommands(config: HostHooksConfig): readonly string[] {
  return hostHooks(config).map(({ command }) => command);
}

/**
 * The process that stays root beside a run of the owner; nothing if root has no hook to run. To be called as root.
 *
 * @param program `root-part.js`
 */
export async function wireRootProcess(
  config: Config,
  owner: RootPartConfig['owner'],
  program: string,
): Promise<RootProcess | undefined> {
  if (!('hooks' in config) || config.hooks.skip) return undefined;
  const { deploy, deployOfFile: commands, envFile, user, timeoutMs } = config.hooks;
  const hooks = hostHooks({ commands, envFile });
  // A run that is told of others knows nothing of those of the env file.
  if (deploy.length === 0 && existsSync(rootQueueFolder)) {
    const { forgetOtherHooks } = await import('../io/root-queue.ts');
    await forgetOtherHooks(
      config.stateDir,
      hooks.map(({ command }) => command),
      owner.gid,
    );
  }
  if (hooks.length === 0) return undefined;
  const { startRootProcess } = await import('../io/root-process.ts');
  const { level, format, quiet, color } = config.output.log;
  return startRootProcess({
    commands: hooks.map(({ command }) => command),
    program,
    config: {
      stateDir: config.stateDir,
      owner,
      commands,
      ...(envFile === undefined ? {} : { envFile }),
      ...(user === undefined ? {} : { user }),
      timeoutMs,
      heedsBackoff: config.command === 'renew',
      log: { level, format, quiet, color },
    },
  });
}

/** Root's own hooks, by the process that stayed root; nothing if it has none, or if nobody handed this run over. */
export async function wireRootHooks(handed: HandedOver | undefined): Promise<RootHooks | undefined> {
  if (handed?.rootHooks === undefined) return undefined;
  const { handedRootHooks } = await import('../io/root-hooks.ts');
  return handedRootHooks(handed.rootHooks);
}
