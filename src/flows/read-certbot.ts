import { certbotAccount } from '../core/certbot-account.ts';
import type { CertbotFindings, FoundAccount, ImportNote, SharedHook } from '../core/certbot-findings.ts';
import { type Lineage, lineageOf } from '../core/certbot-lineage.ts';
import { notesOn, notesOnHook } from '../core/certbot-notes.ts';
import { certbotRenewal } from '../core/certbot-renewal.ts';
import { escapeText } from '../core/escape.ts';
import { sharedHookFile } from '../core/hook-file.ts';
import { type DnsName, parseCertificateName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { ClientFile, ClientFolder } from '../ports/import.ts';

/**
 * Reads everything that certbot has, once, and judges it. Nothing is written; a lineage that cannot be taken over stops no
 * other.
 *
 * @throws LanacmeError `import.not-found` if this is not a folder of certbot.
 */
export function readCertbot(
  folder: ClientFolder,
  { zone, now }: { readonly zone: DnsName; readonly now: Date },
): CertbotFindings {
  const reader = new Reader(folder, zone, now);
  reader.readLineages();
  reader.readAccounts();
  reader.readSharedHooks();
  reader.lookAtDefaults();
  return reader.findings;
}

class Reader {
  readonly #folder: ClientFolder;
  readonly #zone: DnsName;
  readonly #now: Date;
  readonly #lineages: Lineage[] = [];
  readonly #left: { certificate: string; error: LanacmeError }[] = [];
  readonly #accounts = new Map<string, FoundAccount>();
  readonly #sharedHooks: SharedHook[] = [];
  readonly #notes: ImportNote[] = [];

  constructor(folder: ClientFolder, zone: DnsName, now: Date) {
    this.#folder = folder;
    this.#zone = zone;
    this.#now = now;
  }

  get findings(): CertbotFindings {
    return {
      folder: this.#folder.path,
      lineages: this.#lineages,
      left: this.#left,
      accounts: this.#accounts,
      sharedHooks: this.#sharedHooks,
      notes: this.#notes,
    };
  }

  readLineages(): void {
    const files = this.#folder.names('renewal') ?? this.#refuse();
    for (const file of files.filter((each) => each.endsWith('.conf'))) {
      const written = file.slice(0, -'.conf'.length);
      const lineage = this.#attempt(written, () => this.#lineage(written));
      if (lineage !== undefined) this.#lineages.push(lineage);
    }
  }

  #lineage(written: string): Lineage {
    const name = parseCertificateName(written);
    const conf = `renewal/${written}.conf`;
    const renewal = certbotRenewal(this.#text(conf), `${this.#folder.path}/${conf}`);
    const live = (part: string): ClientFile => this.#folder.file(`live/${name}/${part}.pem`);
    const privkey = live('privkey');
    const files = {
      privkey: textOf(privkey),
      cert: textOf(live('cert')),
      fullchain: textOf(live('fullchain')),
    };
    const lineage = lineageOf(name, renewal, files, { zone: this.#zone, now: this.#now });
    for (const message of [...notesOn(renewal, this.#zone, this.#folder.path), ...notesOnReaders(privkey)])
      this.#notes.push({ certificate: name, message });
    return lineage;
  }

  /** Of each CA, the account that most of the lineages have: a host has one. */
  readAccounts(): void {
    for (const [server, ids] of accountsByServer(this.#lineages)) {
      const [id, ...others] = ids;
      if (id === undefined) continue;
      const path = accountFolder(server, id);
      const account = this.#attemptNote(() =>
        certbotAccount(
          this.#text(`${path}/private_key.json`),
          this.#text(`${path}/regr.json`),
          `${this.#folder.path}/${path}`,
        ),
      );
      if (account !== undefined) this.#accounts.set(server, { id, ...account });
      for (const other of others)
        this.#note(`account ${other} at ${server} is not taken over: a host has one at each CA`);
    }
  }

  readSharedHooks(): void {
    for (const path of this.#namesOf('renewal-hooks/deploy')) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      // certbot leaves these out, too.
      const found = name.endsWith('~') ? undefined : this.#attemptNote(() => this.#folder.file(path));
      if (found?.isExecutable !== true) continue;
      const shown = `${this.#folder.path}/${path}`;
      this.#sharedHooks.push({ path: shown, file: sharedHookFile(name, found.content) });
      for (const message of notesOnHook(escapeText(shown), textOf(found), this.#folder.path))
        this.#note(message);
    }
    for (const event of ['pre', 'post'])
      for (const path of this.#namesOf(`renewal-hooks/${event}`))
        this.#note(
          `${escapeText(`${this.#folder.path}/${path}`)} is not taken over: give its command as --${event}-hook, or in the env file`,
        );
  }

  /** What `cli.ini` says, certbot has written into the renewal files of what it ordered since, but for hooks in it. */
  lookAtDefaults(): void {
    if (this.#folder.names('.')?.includes('cli.ini') !== true) return;
    const text = this.#attemptNote(() => this.#text('cli.ini')) ?? '';
    const keys = Array.from(
      text.matchAll(/^[ \t]*((?:pre|post|deploy|renew)-hook)[ \t]*=/gm),
      ([, key]) => key,
    );
    for (const key of new Set(keys))
      this.#note(`${key ?? ''} in ${this.#folder.path}/cli.ini is not taken over: give it in the env file`);
  }

  #namesOf(folder: string): readonly string[] {
    const names = this.#attemptNote(() => this.#folder.names(folder)) ?? [];
    return names.map((name) => `${folder}/${name}`);
  }

  #text(path: string): string {
    return textOf(this.#folder.file(path));
  }

  #attempt<T>(certificate: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#left.push({ certificate, error: expected(error) });
      return undefined;
    }
  }

  /** For what is good to have: without it the lineages are taken over all the same. */
  #attemptNote<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      const { message, hint } = expected(error);
      this.#note(`${message}; ${hint}`);
      return undefined;
    }
  }

  #note(message: string): void {
    this.#notes.push({ message });
  }

  #refuse(): never {
    const message = `${escapeText(this.#folder.path)} is no folder of certbot: it has no renewal/`;
    throw new LanacmeError('import.not-found', message, {
      hint: 'name the folder that certbot works with: lanacme import certbot DIR (its --config-dir)',
      outcome: 'usage',
    });
  }
}

/** A failure of one part: it is no wrong usage of the whole. */
function expected(error: unknown): LanacmeError {
  if (!(error instanceof LanacmeError)) throw error;
  const { code, message, hint, details, cause } = error;
  return new LanacmeError(code, message, { hint, details, cause });
}

function textOf({ content }: ClientFile): string {
  return Buffer.from(content).toString('utf8');
}

function notesOnReaders({ readers }: ClientFile): readonly string[] {
  if (readers === 'nobody') return [];
  return readers === 'group'
    ? ['a group could read its key; here nobody but the owner can: give --key-group GROUP at lanacme issue']
    : ['everybody on this host could read its key: have it replaced (lanacme renew NAME --force)'];
}

/** certbot keeps accounts by host and path of the directory URL. */
function accountFolder(server: string, id: string): string {
  const { host, pathname } = new URL(server);
  return `accounts/${host}${pathname.replace(/\/$/, '')}/${id}`;
}

/** The ids of the accounts at each CA, the one with most lineages first. */
function accountsByServer(lineages: readonly Lineage[]): ReadonlyMap<string, readonly string[]> {
  const counts = new Map<string, Map<string, number>>();
  for (const { renewal } of lineages) {
    const { server, account } = renewal;
    if (account === undefined) continue;
    const ofServer = counts.get(server) ?? new Map<string, number>();
    counts.set(server, ofServer.set(account, (ofServer.get(account) ?? 0) + 1));
  }
  return new Map(
    Array.from(counts, ([server, ids]) => [
      server,
      Array.from(ids)
        .toSorted(([, one], [, other]) => other - one)
        .map(([id]) => id),
    ]),
  );
}
