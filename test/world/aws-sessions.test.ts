import { expect, it } from 'vitest';
import { AwsSessions } from './aws-sessions.ts';
import { administratorPolicy } from './iam-policy.ts';

const now = new Date('2026-11-22T12:00:00.750Z');

it('a session looks like one of STS', () => {
  const sessions = new AwsSessions({ now: () => now });
  const credentials = sessions.issue({
    roleName: 'lanacme',
    sessionName: 'c'.repeat(64),
    tags: { host: 'nas' },
    context: { 'credentials-iot:ThingName': 'nas' },
    policies: [administratorPolicy],
    durationSeconds: 900,
  });
  expect(credentials.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(credentials.secretAccessKey).toHaveLength(40);
  expect(credentials.sessionToken).toMatch(/^IQoJb3JpZ2luX2Vj[A-Za-z0-9+/=]+$/);
  expect(credentials.expiration).toEqual(new Date('2026-11-22T12:15:00Z'));
  expect(sessions.lookup(credentials.accessKeyId)).toEqual({
    ...credentials,
    arn: `arn:aws:sts::123456789012:assumed-role/lanacme/${'c'.repeat(64)}`,
    policies: [administratorPolicy],
    context: { 'credentials-iot:ThingName': 'nas', 'aws:PrincipalTag/host': 'nas' },
  });
});

it('an hour unless told otherwise; every session has keys of its own', () => {
  const sessions = new AwsSessions({ now: () => now });
  const request = { roleName: 'R', sessionName: 'S', policies: [] };
  const [one, two] = [sessions.issue(request), sessions.issue(request)];
  expect(one.expiration).toEqual(new Date('2026-11-22T13:00:00Z'));
  expect(one.accessKeyId).not.toBe(two.accessKeyId);
  expect(sessions.accessKeyIds()).toEqual([one.accessKeyId, two.accessKeyId]);
  sessions.forget(one.accessKeyId);
  expect(sessions.lookup(one.accessKeyId)).toBeUndefined();
});

it('a user has a long-term key and no token', () => {
  const user = new AwsSessions().addUser('admin', []);
  expect(user.accessKeyId).toMatch(/^AKIA/);
  expect(user).toMatchObject({
    arn: 'arn:aws:iam::123456789012:user/admin',
    context: { 'aws:username': 'admin' },
  });
  expect(user.sessionToken).toBeUndefined();
});
