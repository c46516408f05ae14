import type { VerifySessionConfig } from '../config/config.ts';
import { readEventFile } from '../io/event-file.ts';
import { readInput } from '../io/input-file.ts';
import { readSecretFile } from '../io/secret-file.ts';
import type { SessionFiles } from '../ports/identity.ts';

export function wireVerifySession({ network }: VerifySessionConfig): SessionFiles {
  return {
    readEvents: readEventFile,
    readSeeds: async (file) => await readInput(async () => await readSecretFile(file, network)),
  };
}
