import { join } from 'node:path';
import type { CertbotFindings } from '../core/certbot-findings.ts';
import { type HookFile, hookFileOf, type KeptHook } from '../core/hook-file.ts';
import type { DeployFolder } from '../ports/import.ts';

export interface KeepHooksRequest {
  readonly findings: CertbotFindings;
  /** Certificates that are here already: what their hooks were is over. */
  readonly present: ReadonlySet<string>;
  /** The hooks of single certificates, too: nobody else keeps them. */
  readonly withOwn: boolean;
  readonly dryRun: boolean;
}

/**
 * Keeps hooks of certbot, which ran as root, as hooks of root: before the certificates are taken over, so that none is
 * ever without its hook. Nothing is kept if no certificate is new.
 */
export async function keepHooks(
  { findings, present, withOwn, dryRun }: KeepHooksRequest,
  folder: DeployFolder,
): Promise<readonly KeptHook[]> {
  const fresh = findings.lineages.filter(({ name }) => !present.has(name));
  if (fresh.length === 0) return [];
  const kept: KeptHook[] = [];
  const keep = async (file: HookFile, certificate?: string): Promise<void> => {
    const state = dryRun ? 'planned' : (await folder.add(file)) ? 'written' : 'present';
    const path = join(folder.path, file.name);
    kept.push({ path, state, ...(certificate === undefined ? {} : { certificate }) });
  };
  for (const { file } of findings.sharedHooks) await keep(file);
  for (const lineage of withOwn ? fresh : []) {
    for (const command of ownHooks(lineage, findings))
      await keep(hookFileOf(lineage.name, command), lineage.name);
  }
  return kept;
}

/** Its deploy hook, unless that is one which runs for every certificate anyway (certbot runs such a one once, too). */
export function ownHooks(
  { renewal }: CertbotFindings['lineages'][number],
  { sharedHooks }: CertbotFindings,
): readonly string[] {
  const { deployHook } = renewal;
  return deployHook === undefined || sharedHooks.some(({ path }) => path === deployHook) ? [] : [deployHook];
}
