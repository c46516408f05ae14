import { describe, expect, it } from 'vitest';
import { readBatchRefusals } from '../../src/core/batch-refusal.ts';
import { parseDnsName } from '../../src/core/names.ts';
import {
  FinalRefusal,
  isAboutSome,
  isSurelyUnsent,
  lostRace,
  setTooLarge,
} from '../../src/core/zone-failure.ts';
import { type ErrorCode, LanacmeError } from '../../src/errors.ts';

const zone = { zone: parseDnsName('lan.example'), zoneId: 'Z1' };
const name = parseDnsName('_acme-challenge.nas.lan.example');
const failure = (code: ErrorCode): LanacmeError => new LanacmeError(code, 'it failed', { hint: 'mend it' });

describe('a failure to change the zone', () => {
  it.each([
    ['guard.refused', 'nothing was sent', 'split'],
    ['route53.access-denied', 'nothing was sent', 'split'],
    ['route53.zone-not-found', 'nothing was sent', 'for all'],
    ['route53.clock-skew', 'nothing was sent', 'for all'],
    ['route53.batch-refused', 'who knows', 'split'],
    ['route53.throttled', 'who knows', 'for all'],
    ['route53.unreachable', 'who knows', 'for all'],
    ['credentials.thing-name-refused', 'who knows', 'for all'],
    ['run.interrupted', 'who knows', 'for all'],
    ['internal.bug', 'who knows', 'for all'],
  ] as const)('%s: %s; a shared batch is %s', (code, sent, shared) => {
    expect(isSurelyUnsent(failure(code))).toBe(sent === 'nothing was sent');
    expect(isAboutSome(failure(code))).toBe(shared === 'split');
  });

  it('that is no failure of ours says nothing about anybody', () => {
    expect([isSurelyUnsent(new Error('x')), isAboutSome(new Error('x'))]).toEqual([false, false]);
  });
});

describe('a final refusal', () => {
  it('that speaks of a CNAME names it and the way out', () => {
    const said = `RRSet of type TXT with DNS name ${name}. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone lan.example.`;
    const refusal = new FinalRefusal(readBatchRefusals([`[${said}]`]), zone);
    expect(refusal).toMatchObject({
      code: 'route53.cname-in-the-way',
      message: `${name} is a CNAME in zone lan.example`,
      hint: expect.stringContaining('--name-servers') as string,
      details: [said],
      names: [name],
    });
  });

  it('that speaks of the zone points to the two options that name it', () => {
    const said = `RRSet with DNS name ${name}. is not permitted in zone other.example.`;
    const refusal = new FinalRefusal(readBatchRefusals([said]), zone);
    expect(refusal).toMatchObject({
      code: 'route53.batch-refused',
      message: 'Route 53 refused the change to zone lan.example (Z1)',
      hint: 'check that --zone and --zone-id name the same hosted zone',
      details: [said],
      names: [name],
    });
  });
});

it('a set that is too large tells how much a swap of it would take', () => {
  const values = Array.from({ length: 400 }, (_, index) => `"${String(index).padStart(43, 'v')}"`);
  const set = { name, ttl: 60, values };
  const changes = [
    { action: 'DELETE', set },
    { action: 'CREATE', set },
  ] as const;
  expect(setTooLarge(changes, zone)).toMatchObject({
    code: 'route53.set-too-large',
    message: `the TXT set at ${name} in zone lan.example is too large to be changed in one batch`,
    hint: expect.stringContaining('1000 values and 32000 characters') as string,
    details: ['replacing it would take 800 values and 36000 characters'],
  });
});

it('a race that is lost tells where, for how long, and what Route 53 said last', () => {
  const said = `Tried to create resource record set [name='${name}.', type='TXT'] but it already exists`;
  expect(lostRace([name], 90_000, readBatchRefusals([said]))).toMatchObject({
    code: 'route53.lost-race',
    message: `other writers kept changing ${name} for 90 s`,
    hint: 'run it again later, or raise --dns-timeout',
    details: [said],
  });
});
