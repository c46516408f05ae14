import type { SystemdConfig } from '../config/config.ts';
import { systemFiles, userFiles } from '../core/systemd-files.ts';
import {
  type SystemdInstallation,
  systemInstallation,
  userInstallation,
} from '../core/systemd-installation.ts';
import { systemNotes } from '../core/systemd-notes.ts';
import { refusals } from '../core/systemd-refusals.ts';
import { SeveralErrors } from '../errors.ts';
import { installUnits } from '../flows/install-units.ts';
import { uninstallUnits } from '../flows/uninstall-units.ts';
import type { SystemdPorts } from '../ports/systemd.ts';
import type { CommandHandler } from './command-line.ts';
import type { CommandResult } from './output.ts';

export function systemdCommand(wire: (config: SystemdConfig) => SystemdPorts): CommandHandler<SystemdConfig> {
  return async (config, { signal }) => {
    const ports = wire(config);
    const installation = installationOf(config, ports);
    switch (config.action) {
      case 'show':
        return shown(installation);
      case 'install':
        return await installed(config, installation, ports, signal);
      case 'uninstall':
        return await uninstalled(installation, ports, signal);
    }
  };
}

function installationOf({ scope }: SystemdConfig, ports: SystemdPorts): SystemdInstallation {
  const [templates, program] = [ports.templates(), ports.program()];
  if (scope.kind === 'system') return systemInstallation(systemFiles(templates, program), ports.facts());
  return userInstallation(userFiles(templates, program, scope.configHome), scope);
}

function shown({ install }: SystemdInstallation): CommandResult {
  const files = install.flatMap((stage) => stage.files).map(({ path, text }) => ({ path, text }));
  return result(files.map(({ path, text }) => `# ${path}\n${text}`).join('\n'), { files });
}

async function installed(
  { scope, stateDir }: SystemdConfig,
  installation: SystemdInstallation,
  ports: SystemdPorts,
  signal: AbortSignal,
): Promise<CommandResult> {
  const isSystem = scope.kind === 'system';
  const before = isSystem ? ports.facts() : {};
  const refused = refusals(ports.program(), { isSystem, distrust: ports.distrust(), ...before });
  if (refused.length > 0) throw new SeveralErrors(refused);
  const files = await installUnits(installation, ports, signal);
  const notes = isSystem ? systemNotes(before, ports.facts(), stateDir) : [];
  const written = files.filter(({ change }) => change === 'written').map(({ path }) => `wrote ${path}`);
  const next = written.length === 0 ? [] : installation.next;
  const lines = [
    ...(written.length === 0 ? ['nothing to do: every file is as it should be'] : written),
    ...notes.map((note) => `note: ${note}`),
    ...next.map((step) => `next: ${step}`),
  ];
  return result(lines.join('\n'), { files, notes, next });
}

async function uninstalled(
  installation: SystemdInstallation,
  ports: SystemdPorts,
  signal: AbortSignal,
): Promise<CommandResult> {
  const removed = await uninstallUnits(installation, ports, signal);
  const files = removed.map((path) => ({ path, change: 'removed' }));
  if (removed.length === 0) {
    return result('nothing to do: there is no file that lanacme systemd install wrote', { files });
  }
  const { kept, afterwards } = installation;
  const lines = [
    ...removed.map((path) => `removed ${path}`),
    ...kept.map((what) => `kept ${what}`),
    ...afterwards.map((step) => `next: ${step}`),
  ];
  return result(lines.join('\n'), { files, kept, next: afterwards });
}

function result(text: string, more: Readonly<Record<string, unknown>>): CommandResult {
  return { text, certificates: [], failures: [], more };
}
