import type { VerifySessionConfig } from '../config/config.ts';
import { readInput } from '../io/input-file.ts';
import { readPublicFile, readSecretFile } from '../io/secret-file.ts';
import type { SessionFiles } from '../ports/identity.ts';

export function wireVerifySession({ network }: VerifySessionConfig): SessionFiles {
  return {
    readEvents: async (file) => await readInput(async () => await readPublicFile(file, network)),
    readSeeds: async (file) => await readInput(async () => await readSecretFile(file, network)),
  };
}
