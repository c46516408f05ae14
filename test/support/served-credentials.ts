/** The built program's endpoint for credentials, and its clients. */
import { readFile } from 'node:fs/promises';
import { freePorts } from './free-ports.ts';
import { type LanacmeOptions, type RunningLanacme, startLanacme } from './run-lanacme.ts';

export interface Endpoint {
  readonly url: string;
  readonly tokenFile: string;
  readonly run: RunningLanacme;
}

/** `lanacme credentials serve`, once it listens. */
export async function serveCredentials(tokenFile: string, options: LanacmeOptions): Promise<Endpoint> {
  const [port = 0] = await freePorts(1);
  const args = ['credentials', 'serve', '--port', String(port), '--token-file', tokenFile];
  const run = startLanacme(args, options);
  await run.says('the token is in');
  return { url: `http://127.0.0.1:${port}/credentials`, tokenFile, run };
}

/** Asks with the token, as SDKs do, unless told otherwise. */
export async function askEndpoint(
  { url, tokenFile }: Pick<Endpoint, 'url' | 'tokenFile'>,
  { headers = {}, signal }: { headers?: Readonly<Record<string, string>>; signal?: AbortSignal } = {},
): Promise<Response> {
  const authorization = headers['authorization'] ?? (await readFile(tokenFile, 'utf8'));
  return await fetch(url, {
    headers: { ...headers, authorization },
    ...(signal === undefined ? {} : { signal }),
  });
}
