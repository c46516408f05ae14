import type { ServedAnswer, ServedLeaf } from '../../src/ports.ts';

/** Servers that answer as they are told; one that nothing is known of cannot be reached. */
export class FakeServedLeaf implements ServedLeaf {
  /** By `HOST:PORT`. */
  readonly servers = new Map<string, () => readonly ServedAnswer[]>();
  readonly asked: { readonly target: string; readonly serverName: string | undefined }[] = [];

  async ask(
    target: string,
    serverName: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly ServedAnswer[]> {
    signal.throwIfAborted();
    await Promise.resolve();
    this.asked.push({ target, serverName });
    const nobody: ServedAnswer = { kind: 'none', address: target, reason: 'cannot be reached: ECONNREFUSED' };
    return this.servers.get(target)?.() ?? [nobody];
  }
}
