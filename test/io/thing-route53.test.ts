import { describe, expect, it } from 'vitest';
import { thingRoute53 } from '../../src/io/thing-route53.ts';
import type { Route53 } from '../../src/ports.ts';
import { FakeLog } from '../fakes/log.ts';
import { accessDenied } from '../fakes/route53.ts';

const never = new AbortController().signal;
const denying = {
  signIn: async () => {
    await Promise.resolve();
  },
  change: async () => await Promise.reject(accessDenied('ChangeResourceRecordSets')),
} as unknown as Route53;

describe('a thing with a name that no policy for each thing can match', () => {
  it('is told once, when it signs in', async () => {
    const log = new FakeLog();
    const route53 = thingRoute53(denying, 'Pump', log);
    await route53.signIn(never);
    await route53.signIn(never);
    expect(log.lines).toEqual([
      expect.stringMatching(/^warn: no policy .* the thing name Pump: it has capitals/),
    ]);
  });

  it('is told so when Route 53 denies a change', async () => {
    const route53 = thingRoute53(denying, 'Pump', new FakeLog());
    await expect(route53.change({} as never, never)).rejects.toMatchObject({
      code: 'route53.access-denied',
      hint: expect.stringMatching(/thing name Pump: it has capitals/) as string,
    });
  });
});

describe('any other thing, and a certificate without one,', () => {
  it.each(['pump', undefined])('%s is told nothing', async (thingName) => {
    const log = new FakeLog();
    await thingRoute53(denying, thingName, log).signIn(never);
    expect(log.lines).toEqual([]);
  });
});
