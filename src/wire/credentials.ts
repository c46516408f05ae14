import type { ZoneChangingConfig } from '../config/config.ts';
import { systemClock } from '../io/clock.ts';
import { systemRandom } from '../io/random.ts';
import type { CredentialsSource, Log } from '../ports.ts';

/** Credentials by whichever identity is configured; nothing is asked, and nothing kept, before it is called. */
export async function credentialsSource(
  { aws, network }: Pick<ZoneChangingConfig, 'aws' | 'network' | 'stateDir'>,
  log: Log,
): Promise<CredentialsSource> {
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
      throw new Error('not wired yet');
  }
}
