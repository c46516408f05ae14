/** The words that Route 53's rows are written in. */
import type { AcmeFault } from '../../world/acme-faults.ts';
import type { PolicyDocument } from '../../world/iam-policy.ts';
import type { Fault, FaultRule } from '../../world/route53-faults.ts';
import type { RecordSetInput } from '../../world/zone-records.ts';
import { changed } from './ca-script.ts';
import type { Scene, Variables } from './fault-row.ts';

export type Route53Script = (scene: Scene) => Variables;

export function route53(...rules: readonly FaultRule[]): Route53Script {
  return ({ world }) => {
    for (const rule of rules) world.route53.faults.add(rule);
    return {};
  };
}

type Where = Pick<FaultRule, 'nth' | 'times'>;

/** At the batches: the first one publishes, the last one cleans up. */
export function atChange(fault: Fault, where: Where = {}): Route53Script {
  return route53({ operation: 'ChangeResourceRecordSets', fault, ...where });
}

export function atGetChange(fault: Fault, where: Where = {}): Route53Script {
  return route53({ operation: 'GetChange', fault, ...where });
}

export function refuse(status: number, code: string, message: string): Fault {
  return { kind: 'refuse', status, code, message };
}

const challengeName = '_acme-challenge.fault.lan.example';

/** Of somebody else, at the name of our challenges. */
export const foreignSet: RecordSetInput = {
  name: challengeName,
  type: 'TXT',
  ttl: 300,
  values: ['"of somebody else"'],
};

export function put({ world }: Scene, set: RecordSetInput): void {
  world.store.edit(world.zone.id, [{ action: 'CREATE', recordSet: set }]);
}

/** Somebody else's values join ours, as soon as ours are there; `leave` takes them out, which fails if they are gone. */
export function joinOnce({ world }: Scene): void {
  const stop = world.store.onChange(({ changes }) => {
    const ours = changes.find(({ action }) => action === 'CREATE')?.recordSet;
    if (ours?.name !== `${challengeName}.`) return;
    stop();
    world.store.edit(world.zone.id, [
      { action: 'DELETE', recordSet: ours },
      { action: 'CREATE', recordSet: { ...ours, values: [...(ours.values ?? []), ...joined] } },
    ]);
  });
}

const joined = ['"joined in between"'];

export function leave({ world }: Scene): void {
  const set = { name: challengeName, type: 'TXT', ttl: 10, values: joined };
  world.store.edit(world.zone.id, [{ action: 'DELETE', recordSet: set }]);
}

/** Takes our values out of the zone as soon as the CA has seen them. */
export function removeOnceValidated({ world }: Scene): AcmeFault {
  return changed((answer) => {
    const { status } = JSON.parse(answer.body) as { readonly status: string };
    const ours = world.store.records(world.zone.id).find(({ name }) => name === `${challengeName}.`);
    if (status !== 'pending' && ours !== undefined) {
      world.store.edit(world.zone.id, [{ action: 'DELETE', recordSet: ours }]);
    }
    return answer;
  });
}

/** All of Route 53, but not these actions. */
export function without(...actions: readonly string[]): PolicyDocument {
  const statement = (Effect: 'Allow' | 'Deny', Action: readonly string[]) => ({
    Effect,
    Action,
    Resource: '*',
  });
  return {
    Version: '2012-10-17',
    Statement: [statement('Allow', ['route53:*']), statement('Deny', actions)],
  };
}
