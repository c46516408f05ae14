/** The same run once more, as another user and for good: setpriv(1) of util-linux changes it, then is Node. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { LanacmeError } from '../errors.ts';
import type { Log } from '../ports.ts';
import { refuseActivatedSockets } from './activated-sockets.ts';
import { bareEnvironment } from './child-environment.ts';
import { unsafeFile } from './file-failure.ts';
import { type HandedOver, handedDescriptors, handOverVariable } from './handed-over.ts';
import { isMissingProgram } from './missing-program.ts';
import { nameOfUser, type OwnUser } from './own-user.ts';
import type { RootProcess } from './root-process.ts';
import { userOf } from './user-of.ts';

export interface RunAsOwnerOptions {
  readonly stateDir: string;
  /** Whose it is. */
  readonly folder: { readonly uid: number; readonly gid: number };
  /** A file of lanacme itself, which the owner has to be let read. */
  readonly program: string;
  /** The texts of the files that were read with root's rights, by path. */
  readonly files: () => Readonly<Record<string, string>>;
  readonly log: Log;
  /** Of this run; once the owner goes on, its signals are handed on. */
  readonly signal: AbortSignal;
  /** What stays root, if anything has to. */
  readonly rootProcess: (owner: {
    readonly uid: number;
    readonly gid: number;
  }) => Promise<RootProcess | undefined>;
  /** What else only root can find out. */
  readonly found: (owner: { readonly uid: number }) => Promise<Pick<HandedOver, 'import' | 'hostHooks'>>;
}

/** Resolves to the exit code of that run. */
export async function runAsOwner(options: RunAsOwnerOptions): Promise<number> {
  const { stateDir, folder, files, program, log, signal } = options;
  const owner = await userOf(folder.uid);
  const gid = owner.entry?.gid ?? folder.gid;
  refuseGroupOfRoot(owner, gid, stateDir);
  refuseActivatedSockets(process.env, process.pid, owner.entry?.name ?? String(owner.uid));
  await requireAccess(owner, gid, program, stateDir);
  const found = await options.found(owner);
  const root = await options.rootProcess({ uid: owner.uid, gid });
  log.info(`${stateDir} belongs to user ${nameOfUser(owner)}: going on as that user`);
  signal.throwIfAborted();
  const { execPath, execArgv, argv } = process;
  const command = [...setpriv(owner, gid), execPath, ...execArgv, ...argv.slice(1)];
  const child = start(command, {
    // A session of its own: Ctrl-C reaches it only by way of us.
    detached: true,
    env: environmentOf(owner),
    stdio: ['ignore', 'inherit', 'inherit', 'pipe', ...(root?.pipes ?? [])],
  });
  const handed: HandedOver = {
    uid: owner.uid,
    gid,
    files: files(),
    ...found,
    ...(root === undefined ? {} : { rootHooks: { commands: root.commands, stateDir } }),
  };
  tell(child, handed);
  // That process has its own: root's ends with it.
  root?.letGo();
  return await exitCodeOf(child);
}

function refuseGroupOfRoot({ uid, entry }: OwnUser, gid: number, stateDir: string): void {
  if (entry !== undefined || gid !== 0) return;
  const what = `belongs to user ${uid}, whom the user database does not know, and to the group of root`;
  throw unsafeFile(stateDir, what, `give it a group of its own: chgrp ${uid} '${stateDir}'`);
}

/** All ids and groups, no capability, no way back; and it ends with us, however we end. */
function setpriv({ uid, entry }: OwnUser, gid: number): readonly string[] {
  const groups = entry === undefined ? `--groups=${gid}` : '--init-groups';
  return ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, groups, '--inh-caps=-all', '--pdeathsig=KILL', '--'];
}

function start([program = '', ...args]: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(program, args, options);
}

/** What libraries and children take for the user's: root's home is closed to the owner. */
function environmentOf({ entry }: OwnUser): NodeJS.ProcessEnv {
  const name = entry?.name;
  return { ...process.env, USER: name, LOGNAME: name, HOME: entry?.home ?? '/', [handOverVariable]: '1' };
}

function tell(child: ChildProcess, handed: HandedOver): void {
  const pipe = child.stdio[handedDescriptors.told];
  if (!(pipe instanceof Writable)) throw new Error('no pipe to the process of the owner');
  // One that has died says so by its exit.
  pipe.on('error', () => undefined);
  pipe.end(JSON.stringify(handed));
}

const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A signal to us is one to it; a second one ends us, and it with us. */
async function exitCodeOf(child: ChildProcess): Promise<number> {
  const forward = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  for (const each of forwarded) process.on(each, forward);
  try {
    await once(child, 'exit');
  } finally {
    for (const each of forwarded) process.off(each, forward);
  }
  const { exitCode, signalCode } = child;
  if (exitCode !== null) return exitCode;
  // By which we then die, too.
  if (forwarded.some((each) => each === signalCode)) return 1;
  throw new LanacmeError('run.interrupted', `interrupted by ${signalCode ?? 'a signal'}`, {
    hint: 'run it again to go on',
  });
}

const [noProgram, noStateDir] = [41, 42];
const look = `test -r "$1" || exit ${noProgram}; test -x "$2" || exit ${noStateDir}`;

async function requireAccess(owner: OwnUser, gid: number, program: string, stateDir: string): Promise<void> {
  const command = [...setpriv(owner, gid), '/bin/sh', '-c', look, 'sh', program, stateDir];
  const child = start(command, { env: bareEnvironment(), stdio: ['ignore', 'ignore', 'pipe'] });
  const said = child.stderr === null ? '' : text(child.stderr);
  try {
    await once(child, 'exit');
  } catch (error) {
    if (!isMissingProgram(error)) throw error;
    const what =
      'belongs to another user, and the program setpriv, which goes on as that user, is not on this host';
    throw unsafeFile(stateDir, what, 'install it: apt install util-linux', error);
  }
  if (child.exitCode === 0) return;
  if (child.exitCode === noProgram) throw closed(program, owner, 'read the files of lanacme');
  if (child.exitCode === noStateDir) throw closed(stateDir, owner, 'enter that folder');
  const hint = `run lanacme as that user: sudo -u '#${owner.uid}' lanacme …`;
  const cause = new Error((await said).trim());
  throw unsafeFile(stateDir, `belongs to user ${owner.uid}, whom this root may not become`, hint, cause);
}

function closed(path: string, owner: OwnUser, doing: string): LanacmeError {
  const hint = `let that user ${doing}: look at the modes of all folders above it (namei -l '${path}')`;
  return unsafeFile(path, `is closed to user ${nameOfUser(owner)}, who owns the state folder`, hint);
}
