import {
  type Change as BatchChange,
  ChangeResourceRecordSetsCommand,
  type Route53Client,
} from '@aws-sdk/client-route-53';
import { batchRefusalMessages } from '../core/aws-refusal.ts';
import { readBatchRefusals } from '../core/batch-refusal.ts';
import { type GuardedBatch, isGuarded } from '../core/guard.ts';
import type { Change } from '../core/record-set.ts';
import { LanacmeError } from '../errors.ts';
import type { ChangeAnswer, Route53 } from '../ports.ts';
import { readAwsRefusal } from './aws-failure.ts';
import { bareId, complete } from './route53-answers.ts';
import type { Route53Calls } from './route53-calls.ts';
import { makeSender } from './route53-sender.ts';

/** The only call that writes. */
export function makeChange({ client, call }: Route53Calls): Route53['change'] {
  const send = makeSender(call);
  return async (batch, signal) => {
    if (!isGuarded(batch)) throw notGuarded();
    const command = commandOf(batch);
    return await send(batch, signal, async (sending) => await ask(client, command, sending));
  };
}

async function ask(
  client: Route53Client,
  command: ChangeResourceRecordSetsCommand,
  sending: { readonly abortSignal: AbortSignal },
): Promise<ChangeAnswer> {
  try {
    const { ChangeInfo } = await client.send(command, sending);
    const { Id, Status } = complete(ChangeInfo, 'ChangeInfo');
    return { kind: 'accepted', changeId: bareId(Id), inSync: Status === 'INSYNC' };
  } catch (error) {
    const messages = refusedContents(error);
    if (messages === undefined) throw error;
    return { kind: 'refused', refusals: readBatchRefusals(messages) };
  }
}

function commandOf({ zoneId, changes, comment }: GuardedBatch): ChangeResourceRecordSetsCommand {
  return new ChangeResourceRecordSetsCommand({
    HostedZoneId: zoneId,
    ChangeBatch: { Comment: comment, Changes: changes.map(batchChange) },
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

function notGuarded(): LanacmeError {
  return new LanacmeError('guard.refused', 'a change batch did not come from the guard', {
    hint: 'this is a bug in lanacme: nothing was sent; please report it',
  });
}
