/** Which rights at AWS are enough, and what is said when they are not. */
import { describe, expect, test } from 'vitest';
import type { PolicyDocument, PolicyStatement } from '../world/iam-policy.ts';
import { useScene } from './scene.ts';

const scene = useScene({ LANACME_LOG_FORMAT: 'pretty' });

const policy = (...Statement: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
});
const allow = (...Action: readonly string[]): PolicyStatement => ({ Effect: 'Allow', Action, Resource: '*' });
const change = ['route53:ChangeResourceRecordSets', 'route53:GetChange'];
const byName = { LANACME_ZONE_ID: undefined };

describe('the smallest policy', () => {
  test('on name, TXT, CREATE and DELETE, with GetChange, is enough', async () => {
    scene.world.setPolicy('challenges of the zone');
    expect((await scene.issue(['--domain', '*.lan.example,lan.example,a.b.lan.example'])).code).toBe(0);
    const { route53 } = await scene.world.counts();
    expect(Object.keys(route53).sort()).toEqual(['ChangeResourceRecordSets', 'GetChange']);
  });

  test("on a thing's own name is enough for that scene.host, and for no other", async () => {
    scene.world.setPolicy('own challenge');
    expect((await scene.issue(['--domain', `${scene.host.thingName}.lan.example`])).code).toBe(0);
    const before = scene.world.snapshot();
    const other = await scene.issue(['--domain', 'other.lan.example']);
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('route53.access-denied');
    expect(scene.world.snapshot()).toBe(before);
  });
});

describe('a zone found by its name', () => {
  test.each(['route53:ListHostedZonesByName', 'route53:ListHostedZones'])('needs only %s', async (action) => {
    scene.world.setPolicy(policy(allow(...change, action)));
    expect((await scene.issue(['--domain', 'found.lan.example'], byName)).code).toBe(0);
  });

  test('is found among many pages of others, private ones and longer names', async () => {
    for (let index = 0; index < 230; index += 1) scene.world.store.addZone({ name: `z${index}.example` });
    scene.world.store.addZone({ name: 'lan.example', isPrivate: true });
    scene.world.store.addZone({ name: 'lan.example.evil.example' });
    for (const action of ['route53:ListHostedZonesByName', 'route53:ListHostedZones']) {
      scene.world.setPolicy(policy(allow(...change, action)));
      expect((await scene.issue(['--domain', 'found.lan.example', '--force'], byName)).code).toBe(0);
    }
  });

  test('is refused when two public zones have it: the ids are told', async () => {
    const twin = scene.world.store.addZone({ name: 'lan.example' });
    try {
      scene.world.setPolicy(policy(allow(...change, 'route53:ListHostedZones')));
      const result = await scene.issue(['--domain', 'found.lan.example'], byName);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain('route53.zone-ambiguous');
      for (const id of [twin.id, scene.world.zone.id]) expect(result.stderr).toContain(id);
      expect((await scene.world.counts()).acme).toEqual({});
    } finally {
      scene.world.store.removeZone(twin.id);
    }
  });

  test('is refused when the account has none', async () => {
    scene.world.setPolicy(policy(allow(...change, 'route53:ListHostedZones')));
    const result = await scene.issue(['--domain', 'x.nowhere.example'], {
      ...byName,
      LANACME_ZONE: 'nowhere.example',
    });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      'this AWS account has no hosted zone named nowhere.example (route53.zone-not-found)',
    );
  });
});

test("a zone that may not be written: exit 1, AWS's words, what was attempted, a hint, nothing left", async () => {
  scene.world.setPolicy(policy(allow('route53:GetChange')));
  const before = scene.world.snapshot();
  const result = await scene.issue(['--domain', 'denied.lan.example']);
  expect(result.code).toBe(1);
  expect(result.stderr).toContain(
    'is not authorized to perform: route53:ChangeResourceRecordSets on resource',
  );
  expect(result.stderr).toContain('_acme-challenge.denied.lan.example');
  expect(result.stderr).toContain('hint:');
  expect(scene.world.snapshot()).toBe(before);
});

test('a name outside the LAN zone: exit 2, and nothing is sent anywhere', async () => {
  const queries = scene.world.dns.queries.length;
  const result = await scene.issue(['--domain', 'host.other.example', '--json']);
  expect(result.code).toBe(2);
  expect(JSON.parse(result.stdout)).toMatchObject({
    certificates: [],
    errors: [{ code: 'names.outside-zone' }],
  });
  expect(await scene.world.counts()).toEqual({ acme: {}, route53: {}, credentials: 0 });
  expect(scene.world.dns.queries).toHaveLength(queries);
});

test("somebody else's values at the challenge name survive, TTL and order and all", async () => {
  const name = '_acme-challenge.shared.lan.example';
  const theirs = {
    name,
    type: 'TXT',
    ttl: 321,
    values: ['"of another client"', '"and one more" "in two strings"'],
  };
  scene.world.store.edit(scene.world.zone.id, [{ action: 'CREATE', recordSet: theirs }]);
  const before = scene.world.snapshot();
  scene.world.setPolicy('whole zone');
  expect((await scene.issue(['--domain', 'shared.lan.example'])).code).toBe(0);
  expect(scene.world.snapshot()).toBe(before);
  scene.world.store.edit(scene.world.zone.id, [{ action: 'DELETE', recordSet: theirs }]);
});
