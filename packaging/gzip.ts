import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

/** By gzip(1), not by Node, whose zlib gives other bytes in other versions. Without name and date. */
export async function gzip(content: string | Uint8Array): Promise<Uint8Array> {
  const child = spawn('gzip', ['-9n'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(content);
  return await buffer(child.stdout);
}
