/** How the world's givers of credentials answer: whole, or what a scripted fault leaves of it. */
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IotFault } from './iot-faults.ts';
import { resetConnection } from './tcp-reset.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export async function deliver(
  response: ServerResponse,
  reply: Reply,
  fault: IotFault | undefined,
  { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
): Promise<void> {
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') {
    resetConnection(response.req.socket);
    return;
  }
  if (fault?.kind === 'garbage') {
    response.req.socket.end('\u0000garbage\r\n\r\n');
    return;
  }
  await late(fault, signal);
  if (fault?.kind === 'wrong date') {
    response.setHeader('Date', new Date(now.getTime() + fault.offsetMs).toUTCString());
  }
  send(response, reply, fault);
}

async function late(fault: IotFault | undefined, signal: AbortSignal): Promise<void> {
  if (fault?.kind !== 'delay' && fault?.kind !== 'refuse') return;
  if ('milliseconds' in fault) await sleep(fault.milliseconds, undefined, { signal });
  else await fault.until;
}

function send(response: ServerResponse, reply: Reply, fault: IotFault | undefined): void {
  const body = fault?.kind === 'huge' ? reply.body.padEnd(fault.bytes) : reply.body;
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': Buffer.byteLength(body) });
  if (fault?.kind === 'half') response.write(body.slice(0, body.length / 2), () => response.destroy());
  else response.end(body);
}

/** `2026-11-22T12:00:00Z` */
export function wholeSeconds(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, 'Z');
}
