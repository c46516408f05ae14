import { describe, expect, it } from 'vitest';
import { explainDenied, thingNameProblem } from '../../src/core/thing-name.ts';
import { LanacmeError } from '../../src/errors.ts';

describe('a thing name', () => {
  it.each(['dashboard', 'nas-attic', 'host_1', '42', 'x'.repeat(63)])('%s can stand in a policy', (name) => {
    expect(thingNameProblem(name)).toBeUndefined();
  });

  it.each([
    ['Dashboard', 'it has capitals, and Route 53 compares record names in lower case'],
    ['site:pump', "it has ':', which Route 53 compares as \\072"],
    ['x'.repeat(64), 'it has 64 characters, and a label of a DNS name at most 63'],
  ])('%s cannot, and it is told why', (name, why) => {
    expect(thingNameProblem(name)).toBe(
      `no policy with \${credentials-iot:ThingName} can match the thing name ${name}: ${why}`,
    );
  });
});

describe('a denied change', () => {
  const denied = new LanacmeError('route53.access-denied', 'denied', {
    hint: 'allow it',
    details: ['a line'],
  });

  it('of a thing whose name no policy can match says so first', () => {
    expect(explainDenied(denied, 'Pump')).toMatchObject({
      code: 'route53.access-denied',
      message: 'denied',
      details: ['a line'],
      hint: expect.stringMatching(
        /^no policy with .* thing name Pump: it has capitals.*; otherwise: allow it$/,
      ) as string,
    });
  });

  it('without a thing name says that such policies then match nothing', () => {
    expect(explainDenied(denied, undefined).hint).toBe(
      'without --iot-thing-name no policy with ${credentials-iot:ThingName} matches anything; set it if the policy is of this kind; otherwise: allow it',
    );
  });

  it('of any other thing is told as it is, and so is any other failure', () => {
    expect(explainDenied(denied, 'pump')).toBe(denied);
    const other = new LanacmeError('route53.throttled', 'slow', { hint: 'wait' });
    expect(explainDenied(other, 'Pump')).toBe(other);
  });
});
