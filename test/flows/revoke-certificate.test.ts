import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RevocationReason } from '../../src/core/revocation-reason.ts';
import { type Revoked, revokeCertificate } from '../../src/flows/revoke-certificate.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name } from './issue-world.ts';

const signal = new AbortController().signal;
let folder: TempFolder;
let world: IssueWorld;

beforeEach(async () => {
  folder = await makeTempFolder('revoke', memoryFolder());
  world = new IssueWorld(folder.path);
});
afterEach(async () => {
  await folder.remove();
});

async function revoke(reason: RevocationReason = 'unspecified'): Promise<Revoked> {
  return await revokeCertificate({ name, reason, server: world.ca.directoryUrl }, world.ports(), signal);
}

const revocations = (): number => world.ca.calls.filter((call) => call === 'revoke').length;
const serial = (version: number): string => world.ca.issued[version - 1]?.serial ?? '';

describe('a certificate is revoked', () => {
  beforeEach(async () => {
    await world.issue({ terms: { reuseKey: true } });
  });

  it('by the account that ordered it, and the record says since when and why', async () => {
    expect(await revoke('superseded')).toMatchObject({ by: 'account', facts: { serial: serial(1) } });
    expect(world.ca.renewals.isRevoked(serial(1))).toBe(true);
    const record = await world.certificates.record(name);
    expect(record?.revoked).toMatchObject({ serial: serial(1), reason: 'superseded' });
    expect(await world.certificates.live(name)).toBeDefined();
  });

  it('by its own key if that is compromised: the CA then bars the key', async () => {
    expect((await revoke('keyCompromise')).by).toBe('certificate-key');
  });

  it('by its own key if the CA does not know the account', async () => {
    world.ca.accounts.forget();
    expect((await revoke()).by).toBe('certificate-key');
    expect(world.log.lines).toContainEqual(
      expect.stringMatching(/^warn: revoking .+ with the certificate's own key/),
    );
  });

  it('by its own key if the account is gone from this host', async () => {
    await rm(join(world.stateDir, 'accounts'), { recursive: true });
    expect((await revoke()).by).toBe('certificate-key');
    expect(revocations()).toBe(1);
  });

  it('by the account if the CA does not take the word of the key', async () => {
    world.ca.refuse('revoke', acmeProblem('unauthorized', 'no', { status: 403 }));
    expect((await revoke('keyCompromise')).by).toBe('account');
  });

  it('once: the second time nobody is asked', async () => {
    await revoke();
    expect((await revoke()).by).toBeUndefined();
    expect(revocations()).toBe(1);
  });

  it('and it is noted if somebody else has done it', async () => {
    world.ca.refuse('revoke', acmeProblem('alreadyRevoked', 'done', { status: 400 }));
    expect((await revoke()).by).toBeUndefined();
    expect((await world.certificates.record(name))?.revoked?.serial).toBe(serial(1));
  });

  it.each([
    ['a CA that says to wait', acmeProblem('rateLimited', 'slow', { status: 429 }), 'acme.rate-limited'],
    ['a CA that fails', acmeProblem('serverInternal', 'oops', { status: 500 }), 'acme.server-error'],
  ])('not by %s: nothing is noted', async (_, problem, code) => {
    world.ca.refuse('revoke', problem);
    await expect(revoke()).rejects.toMatchObject({ code });
    expect(revocations()).toBe(1);
    expect((await world.certificates.record(name))?.revoked).toBeUndefined();
  });

  it('and is due from then on; another ends it', async () => {
    await revoke();
    expect((await world.issue({ terms: { reuseKey: true } })).issued).toBe(true);
    const record = await world.certificates.record(name);
    expect(record?.revoked).toBeUndefined();
    expect((await world.issue({ terms: { reuseKey: true } })).issued).toBe(false);
  });

  it.each<[RevocationReason, boolean]>([
    ['superseded', true],
    ['keyCompromise', false],
  ])('for %s, and its key is used again with --reuse-key: %s', async (reason, isReused) => {
    const before = await world.certificates.live(name);
    await revoke(reason);
    await world.issue({ terms: { reuseKey: true } });
    const after = await world.certificates.live(name);
    expect(after?.version).not.toBe(before?.version);
    expect(after?.files.privkey === before?.files.privkey).toBe(isReused);
  });
});

describe('there is nothing to revoke', () => {
  it('of a name that is not known', async () => {
    await expect(revoke()).rejects.toMatchObject({ code: 'certificate.unknown' });
    expect(world.ca.calls).toEqual([]);
  });

  it('of a certificate that was never got', async () => {
    world.ca.refuse('newOrder', acmeProblem('rejectedIdentifier', 'never'));
    await expect(world.issue()).rejects.toThrow();
    await expect(revoke()).rejects.toMatchObject({ code: 'certificate.missing' });
    expect(revocations()).toBe(0);
  });
});
