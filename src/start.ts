/**
 * The commands with what they work on. All of it is loaded in one piece: a run with nothing to do spends more on one
 * more file than on the code in it. What talks to AWS and to the CA is not here: see `wire.ts`.
 */
import { join } from 'node:path';
import { type CommandLineDeps, runCommandLine } from './cli/command-line.ts';
import { issueCommand } from './cli/issue.ts';
import { renewCommand } from './cli/renew.ts';
import { statusCommand } from './cli/status.ts';
import type { ImportConfig } from './config/config.ts';
import { becomeOwner } from './io/become-owner.ts';
import { systemClock } from './io/clock.ts';
import { DescriptorWriter, isCharacterDevice } from './io/descriptor-writer.ts';
import { FilesRead } from './io/files-read.ts';
import { type HandedOver, takeHandedOver } from './io/handed-over.ts';
import { makeLog } from './io/log.ts';
import type { Terminal } from './io/waiting-line.ts';
import type { Hooks } from './ports.ts';
import { rootCommands, wireRootHooks, wireRootProcess } from './wire/hooks.ts';
import { wireCleanup, wireDelete, wireDeploy, wireIssue, wireRenew, wireRevoke, wireStatus } from './wire.ts';

export async function start(
  argv: readonly string[],
  outside: Pick<CommandLineDeps, 'stdout' | 'signal'>,
): Promise<number> {
  const stderr = new DescriptorWriter(2, () => process.stderr);
  const handed = takeHandedOver(process.env);
  const rootHooks = await wireRootHooks(handed);
  const withRoot = <P extends { readonly hooks: Hooks }>(ports: P): P =>
    rootHooks === undefined
      ? ports
      : { ...ports, hooks: { ...ports.hooks, ofHost: () => [], root: rootHooks } };
  const files = new FilesRead(handed?.files);
  return await runCommandLine(argv, {
    ...outside,
    host: {
      environment: process.env,
      // Root's configuration, also where its owner goes on with it.
      uid: handed === undefined ? (process.getuid?.() ?? -1) : 0,
      workingDirectory: workingDirectory(),
      isTerminal: isCharacterDevice(2) && process.stderr.isTTY,
      readFile: (path) => files.read(path),
    },
    makeLog: (config) => makeLog({ ...config, stream: terminal(stderr), clock: systemClock }),
    becomeOwner: async (config, log) => {
      // Units are root's own, whoever owns the state folder; who verifies sessions never opens it.
      if (config.command === 'systemd' || config.command === 'verify-session') return undefined;
      return await becomeOwner({
        stateDir: config.stateDir,
        program: import.meta.filename,
        files: () => files.texts(),
        log,
        signal: outside.signal,
        rootProcess: async (owner) => {
          return await wireRootProcess(config, owner, join(import.meta.dirname, 'root-part.js'));
        },
        found: async ({ uid }) => {
          if (config.command === 'status') return { hostHooks: rootCommands(config.hostHooks) };
          return config.command === 'import' ? await importOfRoot(config, uid) : {};
        },
      });
    },
    handlers: handlersWith(withRoot, handed),
  });
}

/** SDKs start an external process where they are, and that folder may be gone: then relative paths lead nowhere. */
function workingDirectory(): string {
  try {
    return process.cwd();
  } catch {
    return '/proc/self/cwd';
  }
}

/**
 * What each command does; what is not needed every hour is loaded when it is.
 *
 * @param withRoot gives ports the hooks that root runs, if it has any.
 * @param handed what root told this process, if root has handed it over.
 */
function handlersWith(
  withRoot: <P extends { readonly hooks: Hooks }>(ports: P) => P,
  handed: HandedOver | undefined,
): CommandLineDeps['handlers'] {
  return {
    issue: issueCommand((config, log) => withRoot(wireIssue(config, log))),
    status: statusCommand(async (config) => await wireStatus(config, handed?.hostHooks)),
    renew: renewCommand((config, log) => withRoot(wireRenew(config, log))),
    deploy: async (config, context) => {
      const { deployCommand } = await import('./cli/deploy.ts');
      return await deployCommand((one, log) => withRoot(wireDeploy(one, log)))(config, context);
    },
    rollback: async (config, context) => {
      const { rollbackCommand } = await import('./cli/rollback.ts');
      return await rollbackCommand((one, log) => withRoot(wireDeploy(one, log)))(config, context);
    },
    revoke: async (config, context) => {
      const { revokeCommand } = await import('./cli/revoke.ts');
      return await revokeCommand(wireRevoke)(config, context);
    },
    delete: async (config, context) => {
      const { deleteCommand } = await import('./cli/delete.ts');
      return await deleteCommand(wireDelete)(config, context);
    },
    systemd: async (config, context) => {
      const { systemdCommand } = await import('./cli/systemd.ts');
      const { wireSystemd } = await import('./wire/systemd.ts');
      return await systemdCommand(wireSystemd)(config, context);
    },
    credentials: async (config, context) => {
      if (config.action === 'serve') {
        const { serveCredentialsCommand } = await import('./cli/serve-credentials.ts');
        const { wireServeCredentials } = await import('./wire/serve-credentials.ts');
        return await serveCredentialsCommand(wireServeCredentials)(config, context);
      }
      const { credentialsCommand } = await import('./cli/credentials.ts');
      const { wirePrintCredentials } = await import('./wire/print-credentials.ts');
      return await credentialsCommand(wirePrintCredentials)(config, context);
    },
    cleanup: async (config, context) => {
      const { cleanupCommand } = await import('./cli/cleanup.ts');
      return await cleanupCommand(wireCleanup)(config, context);
    },
    'verify-session': async (config, context) => {
      const { verifySessionCommand } = await import('./cli/verify-session.ts');
      const { wireVerifySession } = await import('./wire/verify-session.ts');
      return await verifySessionCommand(wireVerifySession)(config, context);
    },
    import: async (config, context) => {
      const { importCommand } = await import('./cli/import.ts');
      const { wireImport } = await import('./wire/import.ts');
      return await importCommand((one, log) => wireImport(one, handed?.import, log))(config, context);
    },
  };
}

/** What root does of an import before the owner of the state folder goes on with it. */
async function importOfRoot(config: ImportConfig, owner: number): Promise<Pick<HandedOver, 'import'>> {
  const { importAsRoot } = await import('./cli/import.ts');
  const { wireImportAsRoot } = await import('./wire/import.ts');
  const { present, ...ports } = wireImportAsRoot(config, owner);
  return { import: await importAsRoot(config, present, ports) };
}

function terminal(stderr: DescriptorWriter): Terminal {
  return {
    write: (text) => {
      stderr.write(text);
    },
    get columns() {
      return process.stderr.columns;
    },
  };
}
