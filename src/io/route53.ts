/**
 * Route 53 by the AWS SDK, which is loaded with this module: import it with `import()`, when a zone is to be asked.
 * The SDK signs and speaks XML; transport, retries and the meaning of refusals are ours.
 */
import { GetChangeCommand } from '@aws-sdk/client-route-53';
import type { Route53 } from '../ports.ts';
import { complete } from './route53-answers.ts';
import { type CallPorts, makeCalls, type Route53Calls } from './route53-calls.ts';
import { makeChange } from './route53-change.ts';
import { listRecordSets } from './route53-record-sets.ts';
import { openSession, type Route53SessionOptions } from './route53-session.ts';
import { listHostedZones } from './route53-zones.ts';
import { untilDenied } from './until-denied.ts';

export type Route53Options = Route53SessionOptions & CallPorts;

export function makeRoute53(options: Route53Options): Route53 {
  const session = openSession(options);
  const calls = makeCalls(session, options);
  return {
    signIn: async (signal) => {
      await session.signIn(signal);
    },
    hostedZones: async (name, signal) => await listHostedZones(calls, name, signal),
    recordSets: untilDenied(
      async (zoneId, name, signal) => await listRecordSets(calls, zoneId, name, signal),
    ),
    change: makeChange(calls),
    isInSync: async (changeId, signal) => await isInSync(calls, changeId, signal),
    close: async () => {
      session.client.destroy();
      await options.http.close();
    },
  };
}

async function isInSync(
  { client, call }: Route53Calls,
  changeId: string,
  signal: AbortSignal,
): Promise<boolean> {
  return await call({ name: 'GetChange', changeId }, signal, async (sending) => {
    const { ChangeInfo } = await client.send(new GetChangeCommand({ Id: changeId }), sending);
    return complete(complete(ChangeInfo, 'ChangeInfo').Status, 'Status') === 'INSYNC';
  });
}
