/** From settings to the Config of a command, or every problem at once. */
import { type CertificateName, parseCertificateName } from '../core/names.ts';
import type { LanacmeError } from '../errors.ts';
import { checkAws, networkConfig } from './check-aws.ts';
import { checkAccount, checkCa, checkOrdering } from './check-ca.ts';
import { checkCertificate, checkChanges } from './check-certificate.ts';
import { checkTarget } from './check-credentials.ts';
import { checkHooks, checkHostHooks } from './check-hooks.ts';
import { checkIdentityFile } from './check-identity-file.ts';
import { checkImportFolder } from './check-import.ts';
import { checkCredentialsAction, checkServe } from './check-serve.ts';
import { checkAction, checkScope } from './check-systemd.ts';
import { checkSessionFiles } from './check-verify-session.ts';
import { checkZone } from './check-zone.ts';
import type {
  BuiltCommand,
  CleanupConfig,
  CommonConfig,
  Config,
  DeleteConfig,
  DeployConfig,
  IdentityConfig,
  ImportConfig,
  IssueConfig,
  PrintCredentialsConfig,
  RenewConfig,
  RevokeConfig,
  RollbackConfig,
  ServeCredentialsConfig,
  StatusConfig,
  SystemdConfig,
  VerifySessionConfig,
  ZoneChangingConfig,
  ZoneConfig,
} from './config.ts';
import { foreignVariables } from './foreign-variables.ts';
import type { Host } from './host.ts';
import { outputConfig } from './output-config.ts';
import { configProblem, Problems } from './problems.ts';
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
  const config = checks[unchecked.command](unchecked, problems);
  problems.throwIfAny();
  if (config === undefined) throw new Error(`the configuration of ${unchecked.command} lacks a part`);
  return config;
}

/** Each returns nothing only if a problem was noted. */
const checks: {
  readonly [C in BuiltCommand]: (unchecked: Unchecked, problems: Problems) => Config | undefined;
} = {
  issue: checkIssue,
  cleanup: checkCleanup,
  status: checkStatus,
  renew: checkRenew,
  deploy: checkDeploy,
  rollback: checkRollback,
  revoke: checkRevoke,
  delete: checkDelete,
  systemd: checkSystemd,
  import: checkImport,
  'verify-session': checkVerifySession,
  credentials: checkCredentials,
};

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
    ca: { ...ca, ...checkOrdering(values) },
    account,
    hooks: checkHooks(values, unchecked.raw, problems),
    force: values.get('force'),
    skipPreflight: values.get('skip-preflight'),
  };
}

function checkRenew(unchecked: Unchecked, problems: Problems): RenewConfig | undefined {
  const { values } = unchecked;
  const changing = checkZoneChanging(unchecked, checkZone(values, problems), problems);
  const changes = checkChanges(values, problems);
  const account = checkAccount(values, problems);
  const names = checkNames(unchecked, problems);
  const metricsFile = values.get('metrics-file');
  if (changing === undefined || account === undefined) return undefined;
  return {
    command: 'renew',
    ...changing,
    names,
    changes,
    ca: checkOrdering(values),
    account,
    hooks: checkHooks(values, unchecked.raw, problems),
    force: values.get('force'),
    dryRun: values.get('dry-run'),
    skipPreflight: values.get('skip-preflight'),
    ...(metricsFile === undefined ? {} : { metricsFile }),
  };
}

function checkDeploy(unchecked: Unchecked, problems: Problems): DeployConfig | undefined {
  const { values, raw } = unchecked;
  const common = checkCommon(unchecked, problems);
  const hooks = checkHooks(values, raw, problems);
  const names = checkNames(unchecked, problems);
  const [force, lockTimeoutMs] = [values.get('force'), values.get('lock-timeout')];
  return common && { command: 'deploy', ...common, names, hooks, force, lockTimeoutMs };
}

function checkRollback(unchecked: Unchecked, problems: Problems): RollbackConfig | undefined {
  const { values, raw } = unchecked;
  const common = checkCommon(unchecked, problems);
  const certificate = checkOneName(unchecked, problems);
  const hooks = checkHooks(values, raw, problems);
  const lockTimeoutMs = values.get('lock-timeout');
  return common && certificate && { command: 'rollback', ...common, certificate, hooks, lockTimeoutMs };
}

function checkRevoke(unchecked: Unchecked, problems: Problems): RevokeConfig | undefined {
  const { values, raw, host } = unchecked;
  const common = checkCommon(unchecked, problems);
  const certificate = checkOneName(unchecked, problems);
  const ca = checkCa(values, problems);
  if (common === undefined || certificate === undefined || ca === undefined) return undefined;
  const network = networkConfig(foreignVariables(host, raw));
  const [reason, lockTimeoutMs] = [values.get('reason'), values.get('lock-timeout')];
  return { command: 'revoke', ...common, certificate, reason, ca, network, lockTimeoutMs };
}

function checkDelete(unchecked: Unchecked, problems: Problems): DeleteConfig | undefined {
  const common = checkCommon(unchecked, problems);
  const certificate = checkOneName(unchecked, problems);
  const lockTimeoutMs = unchecked.values.get('lock-timeout');
  return common && certificate && { command: 'delete', ...common, certificate, lockTimeoutMs };
}

function checkImport(unchecked: Unchecked, problems: Problems): ImportConfig | undefined {
  const { values, host, names } = unchecked;
  const common = checkCommon(unchecked, problems);
  const folder = checkImportFolder(names, host, problems);
  const zone = checkZone(values, problems)?.name;
  const [dryRun, lockTimeoutMs] = [values.get('dry-run'), values.get('lock-timeout')];
  if (common === undefined || folder === undefined || zone === undefined) return undefined;
  return { command: 'import', ...common, folder, zone, dryRun, lockTimeoutMs };
}

function checkSystemd(unchecked: Unchecked, problems: Problems): SystemdConfig | undefined {
  const { values, names, host } = unchecked;
  const common = checkCommon(unchecked, problems);
  const action = checkAction(names[0], problems);
  const scope = checkScope(action, values.get('user'), host, problems);
  return common && action && scope && { command: 'systemd', ...common, action, scope };
}

function checkCredentials(
  unchecked: Unchecked,
  problems: Problems,
): PrintCredentialsConfig | ServeCredentialsConfig | undefined {
  const { values, host, names } = unchecked;
  const action = checkCredentialsAction(names[0], values, problems);
  const identity = checkIdentity(unchecked, problems);
  if (action === 'serve') {
    const terms = checkServe(values, host, problems);
    return identity && terms && { command: 'credentials', action, ...identity, ...terms };
  }
  const target = checkTarget(values, problems);
  return action && identity && target && { command: 'credentials', action, ...identity, target };
}

/** What the commands share that give credentials to others. */
function checkIdentity(unchecked: Unchecked, problems: Problems): IdentityConfig | undefined {
  const { values, raw, host } = unchecked;
  const variables = foreignVariables(host, raw);
  const common = checkCommon(unchecked, problems);
  const aws = checkAws(values, variables, host, problems);
  return common && aws && { ...common, aws, network: networkConfig(variables) };
}

function checkVerifySession(unchecked: Unchecked, problems: Problems): VerifySessionConfig | undefined {
  const { values, names, host, raw } = unchecked;
  const common = checkCommon(unchecked, problems);
  const files = checkSessionFiles(names, values, host, problems);
  const network = networkConfig(foreignVariables(host, raw));
  return common && files && { command: 'verify-session', ...common, ...files, network };
}

/** The certificates that are meant, each once; those that no certificate could have are problems. */
function checkNames({ names }: Unchecked, problems: Problems): readonly CertificateName[] {
  const parsed = names.flatMap((name) => problems.attempt('NAME', () => parseCertificateName(name)) ?? []);
  return [...new Set(parsed)];
}

function checkOneName(unchecked: Unchecked, problems: Problems): CertificateName | undefined {
  const { names, command } = unchecked;
  if (names.length > 0) return checkNames(unchecked, problems)[0];
  const message = 'the name of a certificate is missing';
  problems.add(
    configProblem('config.missing', message, `write lanacme ${command} NAME; lanacme status lists the names`),
  );
  return undefined;
}

function checkCleanup(unchecked: Unchecked, problems: Problems): CleanupConfig | undefined {
  const zone = checkZone(unchecked.values, problems);
  const changing = checkZoneChanging(unchecked, zone, problems);
  return changing && { command: 'cleanup', ...changing, dryRun: unchecked.values.get('dry-run') };
}

function checkStatus(unchecked: Unchecked, problems: Problems): StatusConfig | undefined {
  const common = checkCommon(unchecked, problems);
  const [certificate] = checkNames(unchecked, problems);
  const checkExpiryDays = unchecked.values.get('check-expiry');
  const identity = checkIdentityFile(unchecked.values);
  const network = networkConfig(foreignVariables(unchecked.host, unchecked.raw));
  return (
    common && {
      command: 'status',
      ...common,
      ...(certificate === undefined ? {} : { certificate }),
      ...(checkExpiryDays === undefined ? {} : { checkExpiryDays }),
      ...(identity === undefined ? {} : { identity }),
      network,
      hostHooks: checkHostHooks(unchecked.raw),
    }
  );
}

/** What the commands share that change the zone. */
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
