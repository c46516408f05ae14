/** From settings to the Config of a command, or every problem at once. */
import { parseCertificateName } from '../core/names.ts';
import type { LanacmeError } from '../errors.ts';
import { checkAws, networkConfig } from './check-aws.ts';
import { checkAccount, checkCa } from './check-ca.ts';
import { checkCertificate } from './check-certificate.ts';
import { checkZone } from './check-zone.ts';
import type {
  BuiltCommand,
  CleanupConfig,
  CommonConfig,
  Config,
  IssueConfig,
  StatusConfig,
  ZoneChangingConfig,
  ZoneConfig,
} from './config.ts';
import { foreignVariables } from './foreign-variables.ts';
import type { Host } from './host.ts';
import { outputConfig } from './output-config.ts';
import { Problems } from './problems.ts';
import type { RawSettings } from './read.ts';
import { defaultStateDir } from './state-dir.ts';
import type { Values } from './values.ts';

export interface Unchecked {
  readonly command: BuiltCommand;
  /** What stands after the command, options aside. */
  readonly names: readonly string[];
  readonly values: Values;
  readonly raw: RawSettings;
  readonly host: Host;
  /** What is known to be wrong already. */
  readonly problems: readonly LanacmeError[];
}

/** Throws `SeveralErrors`, each with the origin of what is wrong; nothing has been sent anywhere then. */
export function checkConfig(unchecked: Unchecked): Config {
  const problems = new Problems(unchecked.problems);
  const config = checkCommand(unchecked, problems);
  problems.throwIfAny();
  if (config === undefined) throw new Error(`the configuration of ${unchecked.command} lacks a part`);
  return config;
}

function checkCommand(unchecked: Unchecked, problems: Problems): Config | undefined {
  switch (unchecked.command) {
    case 'issue':
      return checkIssue(unchecked, problems);
    case 'cleanup':
      return checkCleanup(unchecked, problems);
    case 'status':
      return checkStatus(unchecked, problems);
  }
}

function checkIssue(unchecked: Unchecked, problems: Problems): IssueConfig | undefined {
  const { values } = unchecked;
  const zone = checkZone(values, problems);
  const changing = checkZoneChanging(unchecked, zone, problems);
  const ca = checkCa(values, problems);
  const certificate = checkCertificate(values, ca, zone, problems);
  const account = checkAccount(values, problems);
  if (changing === undefined || ca === undefined || certificate === undefined || account === undefined) {
    return undefined;
  }
  return {
    command: 'issue',
    ...changing,
    certificate,
    ca,
    account,
    hooks: { deploy: values.get('deploy-hook') ?? [], timeoutMs: values.get('hook-timeout') },
    force: values.get('force'),
    skipPreflight: values.get('skip-preflight'),
  };
}

function checkCleanup(unchecked: Unchecked, problems: Problems): CleanupConfig | undefined {
  const zone = checkZone(unchecked.values, problems);
  const changing = checkZoneChanging(unchecked, zone, problems);
  return changing && { command: 'cleanup', ...changing, dryRun: unchecked.values.get('dry-run') };
}

function checkStatus(unchecked: Unchecked, problems: Problems): StatusConfig | undefined {
  const common = checkCommon(unchecked, problems);
  const [name] = unchecked.names;
  if (name === undefined) return common && { command: 'status', ...common };
  const certificate = problems.attempt('NAME', () => parseCertificateName(name));
  return common && certificate && { command: 'status', ...common, certificate };
}

/** What `issue` and `cleanup` share. */
function checkZoneChanging(
  unchecked: Unchecked,
  zone: ZoneConfig | undefined,
  problems: Problems,
): ZoneChangingConfig | undefined {
  const { values, raw, host } = unchecked;
  const variables = foreignVariables(host, raw);
  const common = checkCommon(unchecked, problems);
  const aws = checkAws(values, variables, host, problems);
  if (common === undefined || zone === undefined || aws === undefined) return undefined;
  const network = networkConfig(variables);
  return { ...common, zone, aws, network, lockTimeoutMs: values.get('lock-timeout') };
}

function checkCommon({ values, host }: Unchecked, problems: Problems): CommonConfig | undefined {
  const stateDir = problems.attempt('--state-dir', () => values.get('state-dir') ?? defaultStateDir(host));
  return stateDir === undefined ? undefined : { stateDir, output: outputConfig(values, host) };
}
