/** Executables in `deploy.d`: what they may be called, and those that stand in for hooks of certbot. */
import type { CertificateName } from './names.ts';

/** Not what editors and package managers leave: `.swp`, `10-nginx~`, `10-nginx.dpkg-old`. */
const hookName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const leftBehind = /\.(bak|old|orig|rej|disabled|swp|tmp|rpm(new|orig|save)|dpkg-\w+|ucf-\w+)$/;

/** Whether a file of this name in `deploy.d` is run, if it is executable. */
export function isHookName(name: string): boolean {
  return hookName.test(name) && !leftBehind.test(name);
}

export interface HookFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** What became of a hook that root is to run. */
export interface KeptHook {
  /** The one certificate that it is for; absent: for all. */
  readonly certificate?: string;
  /** In `deploy.d`. */
  readonly path: string;
  /** `planned`: by a dry run. `present`: a file of that name is there already, and stays as it is. */
  readonly state: 'written' | 'present' | 'planned';
}

/** The deploy hook of one certificate, as an executable that leaves others alone. */
export function hookFileOf(name: CertificateName, command: string): HookFile {
  const lines = [
    '#!/bin/sh',
    `# certbot's deploy hook of ${name}, written by lanacme import certbot.`,
    // A name holds nothing that means something to the shell.
    `[ "$LANACME_HOOK_NAME" = '${name}' ] || exit 0`,
    command,
  ];
  return { name: runnable(`from-certbot-${name}`), content: Buffer.from(`${lines.join('\n')}\n`) };
}

/** An executable of certbot's `renewal-hooks/deploy`, which ran for every certificate: as it is. */
export function sharedHookFile(file: string, content: Uint8Array): HookFile {
  return { name: runnable(`certbot-${file}`), content };
}

function runnable(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 200);
  return isHookName(safe) ? safe : `${safe}_`;
}
