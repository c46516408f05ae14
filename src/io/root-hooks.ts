/**
 * Root's own hooks, for lanacme that becomes the owner of another user's state folder: a process that stays root runs
 * them. It is started while this one is still root, and is no more than a shell that waits on a pipe until it is needed.
 */
import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { CertificateName } from '../core/names.ts';
import { parseRootAnswer, type RootPartConfig } from '../core/root-messages.ts';
import { type RootQueue, rootHookStates } from '../core/root-queue.ts';
import { LanacmeError } from '../errors.ts';
import type { RootHooks } from '../ports.ts';
import { readRootQueue, rootQueuePath } from './root-queue.ts';

export interface RootHooksOptions {
  readonly config: RootPartConfig;
  /** Of all hooks that it will run. */
  readonly commands: readonly string[];
  /** Path of `root-part.js`. */
  readonly program: string;
}

/** To be called as root. */
export function startRootHooks({ config, commands, program }: RootHooksOptions): RootHooks {
  const root = new RootProcess(config, program);
  const folder = rootQueuePath(config.stateDir);
  return {
    commands,
    states: (name, live) => rootHookStates(noted(folder, name), commands, live),
    deploy: async (name, force, signal) =>
      parseRootAnswer(await root.ask(JSON.stringify({ name, force }), signal)),
  };
}

/** What cannot be read is owed: root then tells why. */
function noted(folder: string, name: CertificateName): RootQueue | undefined {
  try {
    return readRootQueue(folder, name);
  } catch (error) {
    if (error instanceof LanacmeError) return undefined;
    throw error;
  }
}

/** A line on standard input decides that it is needed, its end that it is not. */
const waitThenRun = 'IFS= read -r go && exec "$0" "$1"';

class RootProcess {
  readonly #requests: Socket;
  readonly #answers: AsyncIterator<string>;
  readonly #pipes: readonly Socket[];
  #isAwake = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(config: RootPartConfig, program: string) {
    const child = spawn('/bin/sh', ['-c', waitThenRun, process.execPath, program], {
      cwd: '/',
      // Nothing of ours: a root that came by sudo has brought a user's environment.
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
      stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    });
    // Pipes of children are sockets.
    const [requests, answers, , told] = child.stdio as unknown as readonly Socket[];
    if (requests === undefined || answers === undefined || told === undefined) throw new Error('no pipes');
    told.end(JSON.stringify(config));
    for (const pipe of [requests, answers, told, child]) pipe.on('error', () => undefined);
    this.#requests = requests;
    this.#answers = createInterface({ input: answers })[Symbol.asyncIterator]();
    this.#pipes = [requests, answers, told];
    // A run that does not need it ends as if it were not there.
    child.unref();
    for (const pipe of this.#pipes) pipe.unref();
  }

  /** One request after the other. */
  async ask(request: string, signal: AbortSignal): Promise<string> {
    const asked = this.#last.then(async () => await this.#askNow(request, signal));
    this.#last = asked.catch(() => undefined);
    return await asked;
  }

  async #askNow(request: string, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const stop = (): void => {
      // Root may not be signalled any more: the end of its input tells it to stop.
      this.#requests.end();
    };
    signal.addEventListener('abort', stop);
    for (const pipe of this.#pipes) pipe.ref();
    try {
      this.#requests.write(`${this.#isAwake ? '' : 'go\n'}${request}\n`);
      this.#isAwake = true;
      const answer = await this.#answers.next();
      signal.throwIfAborted();
      if (answer.done !== true) return answer.value;
      throw gone();
    } finally {
      signal.removeEventListener('abort', stop);
      for (const pipe of this.#pipes) pipe.unref();
    }
  }
}

function gone(): LanacmeError {
  return new LanacmeError('hook.not-started', 'the process that runs the hooks of root has ended', {
    hint: 'see its messages above; the hooks stay owed: run lanacme deploy as root',
  });
}
