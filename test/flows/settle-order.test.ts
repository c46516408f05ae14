import { describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { pollOrder } from '../../src/flows/settle-order.ts';
import type { AcmeOrder, AcmeServer } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';

const account = { url: 'https://ca.example/account/1', keyPem: 'unused' };
const never = new AbortController().signal;

function orderAt(status: AcmeOrder['status'], retryAfterMs?: number): AcmeOrder {
  return {
    url: 'https://ca.example/order/1',
    status,
    domains: ['lan.example' as Domain],
    authorizationUrls: [],
    finalizeUrl: 'https://ca.example/order/1/finalize',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Answers with these orders in turn, the last one for ever. */
function poll(answers: readonly AcmeOrder[], first = orderAt('pending')) {
  const clock = new FakeClock();
  let asked = 0;
  const order: AcmeServer['order'] = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return await Promise.resolve(answer!);
  };
  const acme = { order } as unknown as AcmeServer;
  const settled = pollOrder(account, first, first.status, { acme, clock, log: new FakeLog() }, never);
  return { settled, clock, asked: () => asked };
}

describe('the poll of an order', () => {
  it('does not ask when the order has moved on already', async () => {
    const clock = new FakeClock();
    const acme = {} as AcmeServer;
    const ready = orderAt('ready');
    expect(await pollOrder(account, ready, 'pending', { acme, clock, log: new FakeLog() }, never)).toBe(
      ready,
    );
    expect(clock.slept).toEqual([]);
  });

  it('asks quickly at first, then every 5 s', async () => {
    const { settled, clock } = poll([...Array<AcmeOrder>(5).fill(orderAt('pending')), orderAt('ready')]);
    expect((await settled).status).toBe('ready');
    expect(clock.slept).toEqual([500, 1_000, 2_000, 3_000, 5_000, 5_000]);
  });

  it('waits as long as Retry-After says', async () => {
    const { settled, clock } = poll([orderAt('pending', 7_000), orderAt('ready')], orderAt('pending', 3_000));
    await settled;
    expect(clock.slept).toEqual([3_000, 7_000]);
  });

  it('never sleeps for more than a minute: it is told to wait, and says until when', async () => {
    const { settled, clock } = poll([orderAt('pending')], orderAt('pending', 61_000));
    await expect(settled).rejects.toMatchObject({
      code: 'acme.order-timeout',
      outcome: 'wait',
      retryAt: new Date('2026-11-22T12:01:01Z'),
      message: 'the CA asks to come back at 2026-11-22T12:01:01Z for the order for lan.example',
    });
    expect(clock.slept).toEqual([]);
  });

  it('gives up after ten minutes', async () => {
    const { settled, asked } = poll([orderAt('processing')], orderAt('processing'));
    await expect(settled).rejects.toMatchObject({
      code: 'acme.order-timeout',
      outcome: 'failed',
      message: 'the order for lan.example was still processing after 10 minutes',
    });
    expect(asked()).toBeLessThan(130);
  });
});
