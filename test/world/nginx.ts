/** Debian's nginx, a real server of certificates, as a process of its own on a free port of the loopback address. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endChild, hasEnded } from '../support/child-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { tlsLeaf } from '../support/tls-leaf.ts';
import { findNginx } from './nginx-binary.ts';

export interface NginxOptions {
  /** A name to serve, to the folder with its `fullchain.pem` and `privkey.pem`: `live/NAME`. */
  readonly sites: Readonly<Record<string, string>>;
  /** The program; default: what `findNginx` finds. */
  readonly program?: string;
}

export interface Nginx {
  readonly port: number;
  /** `127.0.0.1:PORT`, as `--check` takes it. */
  readonly address: string;
  /** Of the master. */
  readonly pid: number;
  /** For a shell: judges the configuration and the certificates first, and fails without a reload if they are bad. */
  readonly reload: string;
  /** For a shell: tells the master and is done, as `systemctl reload` of many a service does. Always succeeds. */
  readonly hangUp: string;
  /** Puts this at the end of its configuration, in place of what was put there before, for the next reload. */
  appendToConfiguration(text: string): Promise<void>;
  /** What a new client is shown. */
  leaf(name: string): Promise<X509Certificate>;
  /** Once a new client is shown that serial: for a moment after a reload the workers of before still answer. */
  serves(name: string, serial: string): Promise<void>;
  /** Its error log. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

const limitMs = 60_000;
const portTries = 5;

export async function startNginx({ sites, program }: NginxOptions): Promise<Nginx> {
  const nginx = program ?? (await findNginx());
  const folder = await makeTempFolder('nginx');
  try {
    await mkdir(join(folder.path, 'temp'));
    for (let left = portTries; ; left -= 1) {
      const [port = 0] = await freePorts(1);
      const place = { program: nginx, folder: folder.path, configuration: configure(port, sites) };
      const child = await startMaster(place);
      const failure = await untilItAccepts(child, port, sites);
      if (failure === undefined) return nginxOf(child, port, place, folder);
      await endChild(child);
      const log = await readLog(folder.path);
      if (left > 1 && log.includes('Address already in use')) continue;
      throw new Error(`nginx (${nginx}) did not start: ${failure}\n${log}`);
    }
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

interface Place {
  readonly program: string;
  /** Its prefix: everything that it reads and writes is in there. */
  readonly folder: string;
  readonly configuration: string;
}

/** Relative paths are below the prefix. */
function configure(port: number, sites: NginxOptions['sites']): string {
  const servers = Object.entries(sites).map(
    ([name, live]) => `
  server {
    listen 127.0.0.1:${port} ssl;
    server_name ${name};
    ssl_certificate ${live}/fullchain.pem;
    ssl_certificate_key ${live}/privkey.pem;
    return 200 "${name}";
  }`,
  );
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
worker_processes 1;
pid nginx.pid;
error_log error.log notice;
events { worker_connections 64; }
http {
  access_log off;
  ${kinds.map((kind) => `${kind}_temp_path temp/${kind};`).join(' ')}
${servers.join('\n')}
}
`;
}

async function startMaster({ program, folder, configuration }: Place): Promise<ChildProcess> {
  await writeFile(join(folder, 'nginx.conf'), configuration);
  const child = spawn(program, argsOf(folder), { stdio: 'ignore' });
  // A failure to start it shows as a child without a process id.
  child.on('error', () => undefined);
  return child;
}

function argsOf(folder: string): readonly string[] {
  return ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'];
}

/** What keeps it from answering, if it does not. */
async function untilItAccepts(
  child: ChildProcess,
  port: number,
  sites: NginxOptions['sites'],
): Promise<string | undefined> {
  const [servername = 'localhost'] = Object.keys(sites);
  const giveUpAt = Date.now() + limitMs;
  while (Date.now() < giveUpAt) {
    if (child.pid === undefined || hasEnded(child)) return 'it ended at once';
    const leaf = await tlsLeaf({ port, servername }).catch(() => undefined);
    if (leaf !== undefined) return undefined;
    await sleep(10);
  }
  return `no answer in ${limitMs / 1000} s`;
}

function nginxOf(child: ChildProcess, port: number, place: Place, temp: TempFolder): Nginx {
  const { program, folder, configuration } = place;
  // The master ends its workers with itself, unless it is killed.
  const end = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', end);
  const pid = child.pid ?? 0;
  const leaf = async (servername: string): Promise<X509Certificate> => await tlsLeaf({ port, servername });
  return {
    port,
    address: `127.0.0.1:${port}`,
    pid,
    reload: `'${program}' ${argsOf(folder)
      .map((arg) => `'${arg}'`)
      .join(' ')} -s reload`,
    hangUp: `kill -HUP ${pid}`,
    leaf,
    log: async () => await readLog(folder),
    async appendToConfiguration(text) {
      await writeFile(join(folder, 'nginx.conf'), `${configuration}${text}`);
    },
    async serves(name, serial) {
      const giveUpAt = Date.now() + limitMs;
      for (let seen = ''; seen !== serial; seen = (await leaf(name)).serialNumber) {
        if (Date.now() > giveUpAt) throw new Error(`nginx serves ${seen}\n${await readLog(folder)}`);
        await sleep(10);
      }
    },
    async stop() {
      process.off('exit', end);
      await endChild(child);
      await temp.remove();
    },
  };
}

async function readLog(folder: string): Promise<string> {
  return await readFile(join(folder, 'error.log'), 'utf8').catch(() => '');
}
