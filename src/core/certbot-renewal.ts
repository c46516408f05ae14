import { LanacmeError } from '../errors.ts';
import { type ConfigSections, type ConfigValue, parseCertbotConfig } from './certbot-config.ts';
import { escapeText } from './escape.ts';

/** How certbot renews a certificate: what of `renewal/NAME.conf` means something to lanacme. */
export interface CertbotRenewal {
  /** The ACME directory URL. */
  readonly server: string;
  /** The folder of its account. */
  readonly account?: string;
  /** How its names were proved: `standalone`, `manual`, `dns-route53`, … */
  readonly authenticator: string;
  /** The plug-in that put it into a server: `nginx`, `apache`. */
  readonly installer?: string;
  readonly deployHook?: string;
  readonly preHook?: string;
  readonly postHook?: string;
  /** Those of `--manual`. */
  readonly manualHooks: readonly string[];
  readonly preferredChain?: string;
  readonly profile?: string;
  readonly profileFallback: boolean;
  readonly reuseKey: boolean;
  readonly mustStaple: boolean;
  readonly allowsSubset: boolean;
  /** `autorenew = False`: certbot leaves it alone. */
  readonly isLeftAlone: boolean;
}

/** @throws LanacmeError `import.unreadable` if it is not what certbot writes. */
export function certbotRenewal(text: string, file: string): CertbotRenewal {
  const given = new Parameters(parseCertbotConfig(text, file), file);
  const [required, preferred] = [given.text('required_profile'), given.text('preferred_profile')];
  return {
    server: given.server(),
    authenticator: given.text('authenticator') ?? 'unknown',
    manualHooks: ['manual_auth_hook', 'manual_cleanup_hook'].flatMap((key) => given.text(key) ?? []),
    profileFallback: required === undefined && preferred !== undefined,
    reuseKey: given.isTrue('reuse_key'),
    mustStaple: given.isTrue('must_staple'),
    allowsSubset: given.isTrue('allow_subset_of_names'),
    isLeftAlone: given.text('autorenew') === 'False',
    ...present('account', given.folder('account')),
    ...present('installer', given.text('installer')),
    // certbot calls its --deploy-hook so in this file.
    ...present('deployHook', given.text('renew_hook') ?? given.text('deploy_hook')),
    ...present('preHook', given.text('pre_hook')),
    ...present('postHook', given.text('post_hook')),
    ...present('preferredChain', given.text('preferred_chain')),
    ...present('profile', required ?? preferred),
  };
}

function present<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
}

/** The section that certbot renews by. */
class Parameters {
  readonly #values: ReadonlyMap<string, ConfigValue>;
  readonly #file: string;

  constructor(sections: ConfigSections, file: string) {
    this.#file = file;
    this.#values = sections.get('renewalparams') ?? this.#refuse('has no section [renewalparams]');
  }

  /** Python's `None` is nothing, and so is an empty text. */
  text(key: string): string | undefined {
    const value = this.#values.get(key);
    if (value === undefined || value === 'None' || value === '') return undefined;
    if (typeof value !== 'string') return this.#refuse(`has a list as ${key}: quote what has a comma`);
    // Line ends and tabs are good in a hook.
    if (/[^\P{Cc}\n\t]/u.test(value)) return this.#refuse(`has a control character in ${key}`);
    return value;
  }

  isTrue(key: string): boolean {
    return this.text(key) === 'True';
  }

  /** The name of a folder, which leads nowhere else. */
  folder(key: string): string | undefined {
    const name = this.text(key);
    if (name === undefined || /^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
    return this.#refuse(`has "${escapeText(name, 100)}" as ${key}`);
  }

  /** In the form that `--server` has here. */
  server(): string {
    const written = this.text('server') ?? this.#refuse('names no server');
    const url = URL.canParse(written) ? new URL(written) : undefined;
    if (url?.protocol === 'https:' && url.username === '' && url.hash === '') return url.href;
    return this.#refuse(`names a server that cannot be one: "${escapeText(written, 200)}"`);
  }

  #refuse(what: string): never {
    throw new LanacmeError('import.unreadable', `${escapeText(this.#file)} ${what}`, {
      hint: 'mend that line (certbot certificates tells whether certbot can read it), then import again',
    });
  }
}
