import type { VerifySessionConfig } from '../config/config.ts';
import type { VerifyPorts } from '../flows/verify-session.ts';
import { readInput } from '../io/input-file.ts';
import { readPublicFile, readSecretFile } from '../io/secret-file.ts';

export function wireVerifySession({ network }: VerifySessionConfig): VerifyPorts {
  return {
    readEvents: async (file) => await readInput(async () => await readPublicFile(file, network)),
    readSeeds: async (file) => await readInput(async () => await readSecretFile(file, network)),
  };
}
