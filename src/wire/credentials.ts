import type { RolesAnywhereConfig, ZoneChangingConfig } from '../config/config.ts';
import { systemClock } from '../io/clock.ts';
import { systemRandom } from '../io/random.ts';
import type { CredentialsSource, Log } from '../ports.ts';

/** What tells the identity of this host. */
type Identified = Pick<ZoneChangingConfig, 'aws' | 'network' | 'stateDir'>;

/** Credentials by whichever identity is configured; nothing is asked, and nothing kept, before it is called. */
export async function credentialsSource(config: Identified, log: Log): Promise<CredentialsSource> {
  const { aws, network } = config;
  const { credentials, variables } = aws;
  switch (credentials.kind) {
    case 'default':
      return (await import('../io/default-credentials.ts')).makeDefaultCredentials(variables);
    case 'iot': {
      const { makeIotCredentials } = await import('../io/iot-credentials.ts');
      return makeIotCredentials({
        ...credentials,
        ...network,
        clock: systemClock,
        random: systemRandom,
        log,
      });
    }
    case 'roles-anywhere':
      return await rolesAnywhere(credentials, config, log);
  }
}

/** The same for a run that nobody may look at: it says when the certificate by which they are given ends soon. */
export async function watchedSource(config: Identified, log: Log): Promise<CredentialsSource> {
  const source = await credentialsSource(config, log);
  const { credentials } = config.aws;
  if (credentials.kind === 'default') return source;
  const { warnOfEnd } = await import('../io/warn-of-end.ts');
  const { readIdentityCertificate } = await import('../io/identity-certificate.ts');
  const { kind, certFile: file } = credentials;
  const identity = {
    source: kind,
    file,
    read: async () => await readIdentityCertificate(file, config.network),
  };
  return warnOfEnd(source, identity, { clock: systemClock, log });
}

async function rolesAnywhere(
  identity: RolesAnywhereConfig,
  { aws, network, stateDir }: Identified,
  log: Log,
): Promise<CredentialsSource> {
  const { makeRolesAnywhere } = await import('../io/roles-anywhere.ts');
  const { warningOfIdentity } = await import('../io/identity-warnings.ts');
  return makeRolesAnywhere({
    ...identity,
    ...network,
    ...(aws.caBundle === undefined ? {} : { caBundle: aws.caBundle }),
    warn: warningOfIdentity(identity.certFile, stateDir, log),
    clock: systemClock,
    random: systemRandom,
    log,
  });
}
