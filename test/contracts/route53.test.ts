import { makeHttpClient } from '../../src/io/http.ts';
import { makeRoute53 } from '../../src/io/route53.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeRoute53 } from '../fakes/route53.ts';
import { silentLog } from '../io/silent-log.ts';
import { AwsSessions } from '../world/aws-sessions.ts';
import { administratorPolicy } from '../world/iam-policy.ts';
import { startRoute53 } from '../world/route53-server.ts';
import { route53Contract } from './route53.contract.ts';

route53Contract('the fake', async (store) => {
  const route53 = new FakeRoute53(store);
  return await Promise.resolve({
    route53,
    stop: async () => {
      await route53.close();
    },
  });
});

for (const batchErrorForm of ['ErrorResponse', 'InvalidChangeBatch'] as const) {
  route53Contract(`the adapter, batch errors as ${batchErrorForm}`, async (store) => {
    const sessions = new AwsSessions();
    const server = await startRoute53({ store, sessions, rateLimit: 'none', batchErrorForm });
    const credentials = sessions.issue({
      roleName: 'lan',
      sessionName: 'nas',
      policies: [administratorPolicy],
    });
    const route53 = makeRoute53({
      credentials: async () => await Promise.resolve(credentials),
      endpoint: server.url,
      region: 'eu-central-1',
      http: makeHttpClient({}),
      clock: new FakeClock(),
      random: { number: () => 0.5, hex: () => '00' },
      log: silentLog,
    });
    return {
      route53,
      stop: async () => {
        await route53.close();
        await server.close();
      },
    };
  });
}
