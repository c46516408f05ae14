/** Root's own hooks, for the run of the owner of the state folder: the process that stays root (`root-process`) runs them. */
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { CertificateName } from '../core/names.ts';
import { parseRootAnswer } from '../core/root-messages.ts';
import { type RootQueue, rootHookStates } from '../core/root-queue.ts';
import { LanacmeError } from '../errors.ts';
import type { RootHooks } from '../ports.ts';
import { type HandedOver, handedDescriptors } from './handed-over.ts';
import { readRootQueue, rootQueuePath } from './root-queue.ts';

/** By the descriptors that root handed over. */
export function handedRootHooks({ commands, stateDir }: NonNullable<HandedOver['rootHooks']>): RootHooks {
  const root = new RootConversation(
    new Socket({ fd: handedDescriptors.requests, readable: false }),
    new Socket({ fd: handedDescriptors.answers, writable: false }),
  );
  const folder = rootQueuePath(stateDir);
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

class RootConversation {
  readonly #requests: Socket;
  readonly #answers: AsyncIterator<string>;
  readonly #pipes: readonly Socket[];
  #isAwake = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(requests: Socket, answers: Socket) {
    this.#requests = requests;
    this.#answers = createInterface({ input: answers })[Symbol.asyncIterator]();
    this.#pipes = [requests, answers];
    for (const pipe of this.#pipes) {
      pipe.on('error', () => undefined);
      // A run that does not need it ends as if it were not there.
      pipe.unref();
    }
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
      // Root may not be signalled: the end of its input tells it to stop.
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
