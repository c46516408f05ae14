/** For `lanacme systemd`. */
import { fileURLToPath } from 'node:url';
import type { SystemdConfig } from '../config/config.ts';
import { installedProgram, programDistrust } from '../io/installed-program.ts';
import { systemFacts } from '../io/system-facts.ts';
import { systemManager } from '../io/system-manager.ts';
import { makeUnitFiles } from '../io/unit-files.ts';
import { readUnitTemplates } from '../io/unit-templates.ts';
import type { SystemdPorts } from '../ports/systemd.ts';

export function wireSystemd({ scope }: SystemdConfig): SystemdPorts {
  const program: SystemdPorts['program'] = () => installedProgram(process.argv[1] ?? '');
  return {
    files: makeUnitFiles(scope.kind === 'user' ? 0o700 : 0o755),
    manager: systemManager,
    // Beside the folder of what runs.
    templates: () => readUnitTemplates(fileURLToPath(new URL('../systemd', import.meta.url))),
    program,
    distrust: () => programDistrust(program()),
    facts: () => systemFacts(program()),
  };
}
