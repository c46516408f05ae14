/** A folder of certbot as certbot 4 leaves it, in memory: its texts are those of real runs, its keys are made by the test. */
import type { KeyObject } from 'node:crypto';
import { LanacmeError } from '../../src/errors.ts';
import type { ClientFile, ClientFolder } from '../../src/ports/import.ts';

export const accountId = '5639e961b7ada06ab6d95c5751a6f38a';

export interface MadeLineage {
  readonly privkey: string;
  readonly cert: string;
  readonly fullchain: string;
  /** Lines of `[renewalparams]` besides the account, the server and the authenticator. */
  readonly params?: string;
  readonly authenticator?: string;
  readonly account?: string;
}

export class MadeCertbot implements ClientFolder {
  readonly path = '/etc/letsencrypt';
  readonly server: string;
  readonly #files = new Map<string, ClientFile>();

  constructor(server: string) {
    this.server = server;
    this.write('renewal/README', '');
  }

  write(path: string, content: string, facts: Partial<ClientFile> = {}): void {
    this.#files.set(path, {
      content: Buffer.from(content),
      isExecutable: false,
      readers: 'nobody',
      ...facts,
    });
  }

  addLineage(name: string, made: MadeLineage): void {
    const { privkey, cert, fullchain, params = '', account = accountId } = made;
    for (const [part, text] of Object.entries({ privkey, cert, fullchain }))
      this.write(`live/${name}/${part}.pem`, text);
    const live = `${this.path}/live/${name}`;
    this.write(
      `renewal/${name}.conf`,
      `# renew_before_expiry = 30 days
version = 4.0.0
archive_dir = ${this.path}/archive/${name}
cert = ${live}/cert.pem
privkey = ${live}/privkey.pem
chain = ${live}/chain.pem
fullchain = ${live}/fullchain.pem

# Options used in the renewal process
[renewalparams]
account = ${account}
server = ${this.server}
authenticator = ${made.authenticator ?? 'dns-route53'}
key_type = ecdsa
${params}
`,
    );
  }

  addAccount(uri: string | undefined, privateKey: KeyObject, id = accountId): void {
    const { host, pathname } = new URL(this.server);
    const folder = `accounts/${host}${pathname}/${id}`;
    this.write(`${folder}/private_key.json`, JSON.stringify(privateKey.export({ format: 'jwk' })));
    this.write(`${folder}/regr.json`, JSON.stringify({ body: {}, uri }));
    this.write(`${folder}/meta.json`, '{"creation_dt": "2026-11-23T03:19:09Z", "creation_host": "nas"}');
  }

  names(folder: string): readonly string[] | undefined {
    const prefix = folder === '.' ? '' : `${folder}/`;
    const below = [...this.#files.keys()].filter((path) => path.startsWith(prefix));
    const names = below.map((path) => path.slice(prefix.length).split('/', 1)[0] ?? '');
    return names.length === 0 ? undefined : [...new Set(names)].sort();
  }

  file(path: string): ClientFile {
    const file = this.#files.get(path);
    if (file !== undefined) return file;
    const message = `${this.path}/${path} cannot be read: it is not there`;
    throw new LanacmeError('import.unreadable', message, { hint: 'see what it is (ls -l)' });
  }
}
