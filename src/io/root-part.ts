/** The process that stays root while lanacme goes on as the owner of the state folder: it runs root's own hooks. */

import { join } from 'node:path';
import { failed, isOwed, succeeded } from '../core/deployment.ts';
import { isBackingOff } from '../core/hook-backoff.ts';
import { deployEnvironment } from '../core/hook-environment.ts';
import type { CertificateName } from '../core/names.ts';
import {
  parseRootRequest,
  type RootPartConfig,
  type RootRequest,
  rootAnswer,
} from '../core/root-messages.ts';
import { type RootQueue, rootHookStates } from '../core/root-queue.ts';
import { livePath } from '../core/version-layout.ts';
import { asLanacmeErrors, LanacmeError } from '../errors.ts';
import type { HookResult, Hooks, HostHook, Log } from '../ports.ts';
import { systemClock } from './clock.ts';
import { type ForeignCertificate, readForeignCertificate } from './foreign-certificate.ts';
import { readRootQueue, writeRootQueue } from './root-queue.ts';

export interface RootPartOptions {
  readonly config: RootPartConfig;
  readonly hostHooks: readonly HostHook[];
  readonly hooks: Pick<Hooks, 'run' | 'runFile'>;
  /** `/var/lib/lanacme-deploy/<8 hex>`. */
  readonly folder: string;
  readonly log: Log;
}

/** An honest run asks for a certificate once, and for the versions that it goes back to or tries again. */
const mostRequests = 4;

export class RootPart {
  readonly #options: RootPartOptions;
  readonly #asked = new Map<CertificateName, number>();

  constructor(options: RootPartOptions) {
    this.#options = options;
  }

  /** Answers one line, whoever wrote it. @throws only what the signal says. */
  async answer(line: string, signal: AbortSignal): Promise<string> {
    try {
      return rootAnswer(await this.#deploy(this.#judge(line), signal));
    } catch (error) {
      signal.throwIfAborted();
      return rootAnswer(asLanacmeErrors(error));
    }
  }

  #judge(line: string): RootRequest {
    const request = parseRootRequest(line);
    if (request === undefined) throw refused('root was asked for something that is not a deployment');
    const count = (this.#asked.get(request.name) ?? 0) + 1;
    this.#asked.set(request.name, count);
    if (count > mostRequests)
      throw refused(`root was asked to deploy ${request.name} ${count} times in one run`);
    return request;
  }

  async #deploy({ name, force }: RootRequest, signal: AbortSignal): Promise<readonly LanacmeError[]> {
    const { config, folder, hostHooks } = this.#options;
    const certificate = readForeignCertificate(config.stateDir, config.owner.uid, name);
    const { version, facts } = certificate;
    const live = { version, serial: facts.serial };
    const commands = hostHooks.map(({ command }) => command);
    const known = readRootQueue(folder, name);
    let queue: RootQueue = {
      format: 1,
      name,
      serial: facts.serial,
      hooks: rootHookStates(known, commands, live),
    };
    const errors: LanacmeError[] = [];
    for (const state of queue.hooks.filter((hook) => this.#isDue(hook, force))) {
      const hook = hostHooks.find(({ command }) => command === state.command);
      if (hook === undefined) continue;
      // What is wanted is on disk before it is begun.
      await writeRootQueue(folder, queue, config.owner.gid);
      const result = await this.#run(hook, name, certificate, signal);
      if (result.kind === 'failed') errors.push(result.error);
      const after =
        result.kind === 'succeeded' ? succeeded(state) : failed(state, result.error, systemClock.now());
      queue = { ...queue, hooks: queue.hooks.map((one) => (one === state ? after : one)) };
      await writeRootQueue(folder, queue, config.owner.gid);
    }
    return errors;
  }

  #isDue(hook: RootQueue['hooks'][number], force: boolean): boolean {
    if (!force && !isOwed(hook)) return false;
    return !(this.#options.config.heedsBackoff && isBackingOff(hook.backoff, systemClock.now()));
  }

  async #run(
    { command, isFile, refusal }: HostHook,
    name: CertificateName,
    { version, facts }: ForeignCertificate,
    signal: AbortSignal,
  ): Promise<HookResult> {
    const { config, hooks, log } = this.#options;
    if (refusal !== undefined) return { kind: 'failed', error: refusal };
    signal.throwIfAborted();
    log.info('running the deploy hook as root', { certificate: name, command });
    const path = join(config.stateDir, livePath(name));
    const environment = deployEnvironment({ name, version, path, facts });
    return isFile
      ? await hooks.runFile(command, environment, signal)
      : await hooks.run(command, environment, signal);
  }
}

function refused(message: string): LanacmeError {
  return new LanacmeError('hook.unsafe', message, {
    hint: 'no lanacme asks that: see who runs as the owner of the state folder',
  });
}
