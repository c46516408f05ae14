/**
 * Route 53 by the AWS SDK, which is loaded with this module: import it with `import()`, when a zone is to be asked.
 * The SDK signs and speaks XML; transport, retries and the meaning of refusals are ours.
 */
import {
  type Change as BatchChange,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
} from '@aws-sdk/client-route-53';
import { batchRefusalMessages } from '../core/aws-refusal.ts';
import { readBatchRefusals } from '../core/batch-refusal.ts';
import { type GuardedBatch, isGuarded } from '../core/guard.ts';
import type { Change } from '../core/record-set.ts';
import { LanacmeError } from '../errors.ts';
import type { ChangeAnswer, Route53 } from '../ports.ts';
import { readAwsRefusal } from './aws-failure.ts';
import { bareId, complete } from './route53-answers.ts';
import { type CallPorts, makeCalls, type Route53Calls } from './route53-calls.ts';
import { listRecordSets } from './route53-record-sets.ts';
import { openSession, type Route53SessionOptions } from './route53-session.ts';
import { listHostedZones } from './route53-zones.ts';

export type Route53Options = Route53SessionOptions & CallPorts;

export function makeRoute53(options: Route53Options): Route53 {
  const session = openSession(options);
  const calls = makeCalls(session, options);
  return {
    signIn: async (signal) => {
      await session.signIn(signal);
    },
    hostedZones: async (name, signal) => await listHostedZones(calls, name, signal),
    recordSets: async (zoneId, name, signal) => await listRecordSets(calls, zoneId, name, signal),
    change: async (batch, signal) => await change(calls, batch, signal),
    isInSync: async (changeId, signal) => await isInSync(calls, changeId, signal),
    close: async () => {
      session.client.destroy();
      await options.http.close();
    },
  };
}

/**
 * Sends the batch until Route 53 has accepted or refused it. A batch whose answer was lost may have been applied: sent
 * again it is refused, and the caller finds its own values in the zone.
 */
async function change(
  { client, call }: Route53Calls,
  batch: GuardedBatch,
  signal: AbortSignal,
): Promise<ChangeAnswer> {
  if (!isGuarded(batch)) throw notGuarded();
  const { zoneId, changes, comment } = batch;
  const command = new ChangeResourceRecordSetsCommand({
    HostedZoneId: zoneId,
    ChangeBatch: { Comment: comment, Changes: changes.map(batchChange) },
  });
  return await call({ name: 'ChangeResourceRecordSets', zoneId, changes }, signal, async (sending) => {
    try {
      const { ChangeInfo } = await client.send(command, sending);
      const { Id, Status } = complete(ChangeInfo, 'ChangeInfo');
      return { kind: 'accepted', changeId: bareId(Id), inSync: Status === 'INSYNC' };
    } catch (error) {
      const messages = refusedContents(error);
      if (messages === undefined) throw error;
      return { kind: 'refused', refusals: readBatchRefusals(messages) };
    }
  });
}

function refusedContents(thrown: unknown): readonly string[] | undefined {
  const refusal = readAwsRefusal(thrown);
  return refusal === undefined ? undefined : batchRefusalMessages(refusal);
}

function batchChange({ action, set }: Change): BatchChange {
  return {
    Action: action,
    ResourceRecordSet: {
      Name: `${set.name}.`,
      Type: 'TXT',
      ...(set.setIdentifier === undefined
        ? {}
        : { SetIdentifier: set.setIdentifier, MultiValueAnswer: true }),
      TTL: set.ttl,
      ResourceRecords: set.values.map((Value) => ({ Value })),
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

function notGuarded(): LanacmeError {
  return new LanacmeError('guard.refused', 'a change batch did not come from the guard', {
    hint: 'this is a bug in lanacme: nothing was sent; please report it',
  });
}
