import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemplateName, templateNames, type UnitTemplates } from '../core/systemd-files.ts';

/** @param folder `systemd/` of the program */
export function readUnitTemplates(folder: string): UnitTemplates {
  const entries = templateNames.map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const);
  return Object.fromEntries(entries) as Record<TemplateName, string>;
}
