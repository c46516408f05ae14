import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitCode } from '../../src/core/exit-code.ts';
import type { Domain } from '../../src/core/names.ts';
import { asLanacmeErrors, LanacmeError } from '../../src/errors.ts';
import { rootNames } from '../fakes/acme-issuer.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { dayMs } from '../fakes/acme-server.ts';
import { accessDenied } from '../fakes/route53.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name, type RequestOverrides, zoneId } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;

beforeEach(async () => {
  folder = await makeTempFolder('obtain', memoryFolder());
  world = new IssueWorld(folder.path);
});
afterEach(async () => {
  await folder.remove();
});

const like = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

function named(...domains: readonly string[]): RequestOverrides {
  return { spec: { domains: domains as readonly Domain[] } };
}

/** The changes of every batch that was sent. */
function batches() {
  return world.zones
    .changes(zoneId)
    .map(({ changes }) =>
      changes.map(({ action, recordSet }) => `${action} ${recordSet.name} ${recordSet.values?.length ?? 0}`),
    );
}

/** The failures of a run after which nothing is left: no record, no pending authorization, no version. */
async function failures(overrides: RequestOverrides = {}): Promise<readonly LanacmeError[]> {
  const thrown: unknown = await world.issue(overrides).then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
  expect(world.zones.snapshot(zoneId)).toBe(world.untouched);
  expect(await world.journal.entries()).toEqual([]);
  expect(world.ca.authorizations.pending()).toEqual([]);
  expect(await world.certificates.live(name)).toBeUndefined();
  return asLanacmeErrors(thrown);
}

describe('names are proved', () => {
  it('of a zone and its wildcard by two values at one name', async () => {
    await world.issue(named('lan.example', '*.lan.example'));
    expect(batches()).toEqual([
      ['CREATE _acme-challenge.lan.example 2'],
      ['DELETE _acme-challenge.lan.example 2'],
    ]);
  });

  it('all in one batch, and all answered before the first poll', async () => {
    await world.issue(named('a.lan.example', 'b.lan.example', 'c.lan.example'));
    expect(batches().map((batch) => batch.length)).toEqual([3, 3]);
    const { calls } = world.ca;
    expect(calls.lastIndexOf('answerChallenge')).toBeLessThan(calls.indexOf('order'));
  });

  it('only if the CA does not take them for proved already', async () => {
    await world.issue(named('a.lan.example'));
    await world.issue({ ...named('a.lan.example', 'b.lan.example'), force: true });
    expect(batches().slice(2)).toEqual([
      ['CREATE _acme-challenge.b.lan.example 1'],
      ['DELETE _acme-challenge.b.lan.example 1'],
    ]);
  });

  it('without any change if all of them are', async () => {
    await world.issue();
    const [changes, answers] = [batches().length, world.ca.calls.length];
    const { issued } = await world.issue({ force: true });
    expect(issued).toBe(true);
    expect(batches()).toHaveLength(changes);
    expect(world.ca.calls.slice(answers)).not.toContain('answerChallenge');
  });

  it('by an earlier run that was killed when it had answered', async () => {
    world.ca.authorizations.validate = () => undefined;
    world.ca.before = (call) => {
      if (call === 'order') throw new LanacmeError('run.interrupted', 'killed', { hint: 'x' });
      // A killed run gives up nothing.
      if (call === 'deactivateAuthorization') throw new Error('killed');
    };
    await expect(world.issue()).rejects.toThrow('killed');
    world.ca.before = () => undefined;
    const answers = world.ca.calls.filter((call) => call === 'answerChallenge').length;
    expect((await world.issue()).issued).toBe(true);
    expect(world.ca.calls.filter((call) => call === 'answerChallenge')).toHaveLength(answers);
  });
});

describe('no certificate is had', () => {
  it('if a validation fails: each name is told in the words of the CA, and with what is served', async () => {
    world.ca.authorizations.validate = (domain) =>
      ({
        'a.lan.example': acmeProblem('dns', 'DNS problem: SERVFAIL looking up TXT'),
        '*.b.lan.example': acmeProblem('unauthorized', 'Incorrect TXT record "x" found'),
      })[domain as string];
    const errors = await failures(named('a.lan.example', '*.b.lan.example', 'c.lan.example'));
    expect(errors).toMatchObject([
      {
        code: 'acme.challenge-failed',
        message: 'ca.example could not validate a.lan.example, *.b.lan.example',
        details: [
          'a.lan.example: DNS problem: SERVFAIL looking up TXT (dns)',
          '*.b.lan.example: Incorrect TXT record "x" found (unauthorized)',
          like(
            /^name server ns1 \(127\.0\.0\.1\) answers _acme-challenge\.a\.lan\.example with "[\w-]{43}"$/,
          ),
          like(
            /^name server ns1 \(127\.0\.0\.1\) answers _acme-challenge\.b\.lan\.example with "[\w-]{43}"$/,
          ),
        ],
      },
    ]);
    expect(exitCode(errors.map(({ outcome }) => outcome))).toBe(1);
  });

  it('if CAA forbids it: the hint says which account to allow', async () => {
    world.ca.authorizations.validate = () => acmeProblem('caa', 'CAA record prevents issuance');
    expect(await failures()).toMatchObject([
      { code: 'acme.caa', hint: like(/the account is accounturi=https:\/\/ca\.example\/account\/1$/) },
    ]);
  });

  it('if the CA fails while it issues, in its words', async () => {
    world.ca.refuseToIssue = () => acmeProblem('rejectedIdentifier', 'policy forbids issuing for it');
    expect(await failures()).toMatchObject([
      {
        code: 'acme.name-rejected',
        message:
          'ca.example refused the order for lan.example, *.lan.example: policy forbids issuing for it (rejectedIdentifier)',
      },
    ]);
  });

  it('if the CA fails while it issues; what could not be taken out of the zone is told after that', async () => {
    world.ca.refuseToIssue = () => acmeProblem('serverInternal', 'an error');
    let changes = 0;
    world.route53.before = (call) => {
      if (call === 'change') changes += 1;
      if (changes > 1) throw accessDenied('ChangeResourceRecordSets');
    };
    await expect(world.issue()).rejects.toMatchObject({
      errors: [
        { code: 'acme.server-error' },
        { code: 'route53.access-denied', message: like(/are left at/) },
      ],
    });
  });

  it('if the CA never comes to an end with the validation', async () => {
    world.ca.authorizations.validationMs = dayMs;
    expect(await failures()).toMatchObject([{ code: 'acme.order-timeout', outcome: 'failed' }]);
  });

  it('if the CA asks to come back later: the run ends with 75 and the time', async () => {
    world.ca.retryAfterMs = 600_000;
    const errors = await failures();
    const retryAt = new Date(Math.ceil(world.clock.now().getTime() / 1000 + 600) * 1000);
    expect(errors).toMatchObject([{ code: 'acme.order-timeout', retryAt }]);
    expect(exitCode(errors.map(({ outcome }) => outcome))).toBe(75);
  });

  it('if the CA offers no dns-01 challenge: nothing is published', async () => {
    world.ca.authorizations.challengeTypes = ['http-01', 'tls-alpn-01'];
    expect(await failures(named('a.lan.example'))).toMatchObject([
      { code: 'acme.no-dns-challenge', details: ['a.lan.example: offered are http-01, tls-alpn-01'] },
    ]);
    expect(batches()).toEqual([]);
  });

  it('if the CA asks to prove what was not ordered: nothing is published', async () => {
    const real = world.ca.authorization.bind(world.ca);
    world.ca.authorization = async (...args) => ({
      ...(await real(...args)),
      domain: 'evil.example' as never,
    });
    expect(await failures()).toMatchObject([
      { code: 'acme.bad-answer', message: 'the CA asks to prove evil.example, which was not ordered so' },
    ]);
    expect(batches()).toEqual([]);
  });

  it('for names outside of the zone: nothing is ordered', async () => {
    expect(await failures(named('a.lan.example', 'a.other.example'))).toMatchObject([
      { code: 'names.outside-zone', outcome: 'usage' },
    ]);
    expect(world.ca.calls).not.toContain('newOrder');
  });

  it('if what comes back cannot be used: nothing is installed', async () => {
    await world.issue({ name: 'other' as typeof name, ...named('other.lan.example') });
    const pem = world.ca.issued[0]?.chains[0] ?? '';
    world.ca.certificate = async () => await Promise.resolve({ pem, alternateUrls: [] });
    expect(await failures()).toMatchObject([
      {
        code: 'certificate.unusable',
        message: 'the CA issued a certificate that cannot be used: it is for another key than ours',
      },
    ]);
  });
});

describe('what is pending after a failure is given up', () => {
  it('each by itself: one that the CA keeps does not keep the others', async () => {
    world.ca.refuse('answerChallenge', acmeProblem('serverInternal', 'an error', { status: 500 }));
    world.ca.refuse(
      'deactivateAuthorization',
      acmeProblem('serverInternal', 'another error', { status: 500 }),
    );
    await expect(world.issue()).rejects.toMatchObject({
      code: 'acme.server-error',
      message: like(/an error/),
    });
    expect(world.ca.authorizations.pending()).toHaveLength(1);
    expect(world.log.lines).toContainEqual(
      like(/^warn: the authorization for \S*lan\.example could not be deactivated: .*another error/),
    );
  });
});

describe('what is proved', () => {
  it('stays so after a failure', async () => {
    world.ca.refuseToIssue = () => acmeProblem('serverInternal', 'an error');
    await failures();
    world.ca.refuseToIssue = () => undefined;
    const sent = batches().length;
    expect((await world.issue()).issued).toBe(true);
    expect(batches()).toHaveLength(sent);
  });
});

describe('a profile', () => {
  it('is asked for if the CA offers it', async () => {
    const newOrder = world.ca.newOrder.bind(world.ca);
    const asked: (string | undefined)[] = [];
    world.ca.newOrder = async (account, request, signal) => {
      asked.push(request.profile);
      return await newOrder(account, request, signal);
    };
    await world.issue({ spec: { profile: 'default' } });
    expect(asked).toEqual(['default']);
  });

  it('that the CA does not offer ends the run before anything is ordered', async () => {
    expect(await failures({ spec: { profile: 'shortlived' } })).toMatchObject([
      { code: 'acme.profile-not-offered', hint: like(/it offers default: change --profile/) },
    ]);
    expect(world.ca.calls).not.toContain('newOrder');
  });

  it('that the CA does not offer is left out with --profile-fallback, and not missed in the next run', async () => {
    const overrides = { spec: { profile: 'shortlived' }, terms: { profileFallback: true as const } };
    expect((await world.issue(overrides)).issued).toBe(true);
    expect(world.log.lines).toContainEqual(like(/^warn: .* offers no profile "shortlived"/));
    expect((await world.issue(overrides)).issued).toBe(false);
  });
});

describe('a preferred chain', () => {
  async function topOf(preferredChain?: string): Promise<string | undefined> {
    await world.issue({ spec: preferredChain === undefined ? {} : { preferredChain } });
    const live = await world.certificates.live(name);
    return new X509Certificate(live?.files.chain ?? '').issuer;
  }

  it.each([
    [undefined, rootNames[0]],
    [rootNames[0], rootNames[0]],
    [rootNames[1], rootNames[1]],
  ])('%s gives the one under %s', async (preferred, root) => {
    expect(await topOf(preferred)).toBe(`CN=${root}`);
    expect(world.log.lines.filter((line) => line.startsWith('warn: '))).toEqual([]);
    // The alternate chains are asked for only if the first is not the wanted one.
    const downloads = world.ca.calls.filter((call) => call === 'certificate');
    expect(downloads).toHaveLength(preferred === rootNames[1] ? 2 : 1);
  });

  it('that the CA does not have gives its default one, with a warning, and no new order each time', async () => {
    expect(await topOf('Root of nobody')).toBe(`CN=${rootNames[0]}`);
    expect(world.log.lines).toContain(
      'warn: the CA offers no chain that ends at "Root of nobody"; installing its default one',
    );
    expect((await world.issue({ spec: { preferredChain: 'Root of nobody' } })).issued).toBe(false);
  });
});
