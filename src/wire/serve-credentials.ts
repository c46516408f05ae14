import type { ServeCredentialsConfig } from '../config/config.ts';
import { takeActivatedSockets } from '../io/activated-sockets.ts';
import { systemClock } from '../io/clock.ts';
import { makeCredentialsServer } from '../io/credentials-server.ts';
import { systemRandom } from '../io/random.ts';
import { readOrMakeToken, readToken } from '../io/token-file.ts';
import type { ServePorts } from '../ports/serve-credentials.ts';
import type { Log } from '../ports.ts';
import { watchedSource } from './credentials.ts';

export function wireServeCredentials(config: ServeCredentialsConfig, log: Log): ServePorts {
  const { port, tokenFile, network } = config;
  return {
    server: makeCredentialsServer({ port, descriptors: takeActivatedSockets(process.env, process.pid) }),
    token: {
      readOrMake: async () => await readOrMakeToken(tokenFile, network, systemRandom),
      read: async () => await readToken(tokenFile, network),
    },
    source: async () => await watchedSource(config, log),
    clock: systemClock,
    log,
  };
}
