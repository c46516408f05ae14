import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld } from './issue-world.ts';

let folder: TempFolder;
let world: IssueWorld;

beforeEach(async () => {
  folder = await makeTempFolder('account', memoryFolder());
  world = new IssueWorld(folder.path);
});
afterEach(async () => {
  await folder.remove();
});

async function kept() {
  return await world.accounts.read(world.ca.directoryUrl);
}

function registrations(): number {
  return world.ca.calls.filter((call) => call === 'createAccount').length;
}

describe('the account at a CA', () => {
  it('is made once and kept', async () => {
    await world.issue();
    expect((await kept())?.url).toBe(world.ca.accounts.urls()[0]);
    await world.issue({ force: true });
    expect(registrations()).toBe(1);
  });

  it('has its key on disk before the CA sees it', async () => {
    const seen: Promise<{ url?: string } | undefined>[] = [];
    world.ca.before = (call) => {
      if (call === 'createAccount') seen.push(kept());
    };
    await world.issue();
    expect(await seen[0]).toEqual({ keyPem: (await kept())?.keyPem });
  });

  it('is found again if the answer that told its URL was lost', async () => {
    world.ca.after = (call) => {
      if (call === 'createAccount') throw new LanacmeError('acme.unreachable', 'cut off', { hint: 'x' });
    };
    await expect(world.issue()).rejects.toThrow('cut off');
    world.ca.after = () => undefined;
    await world.issue();
    expect(world.ca.accounts.urls()).toEqual([(await kept())?.url]);
  });

  it('that the CA has lost is registered again, with the same key', async () => {
    await world.issue();
    const before = await kept();
    world.ca.accounts.forget();
    expect((await world.issue({ force: true })).issued).toBe(true);
    expect(registrations()).toBe(2);
    expect(await kept()).toEqual({ keyPem: before?.keyPem, url: world.ca.accounts.urls()[0] });
    expect(before?.url).not.toBe((await kept())?.url);
  });

  it('that the CA loses again and again is registered again once in a run', async () => {
    await world.issue();
    world.ca.before = (call) => {
      if (call === 'newOrder') world.ca.accounts.forget();
    };
    await expect(world.issue({ force: true })).rejects.toMatchObject({ code: 'acme.account-missing' });
    expect(registrations()).toBe(2);
  });

  it('that the CA has closed is not made again', async () => {
    world.ca.refuse('newOrder', acmeProblem('unauthorized', 'account is deactivated', { status: 403 }));
    await expect(world.issue()).rejects.toMatchObject({ code: 'acme.refused' });
    expect(registrations()).toBe(1);
  });

  it('costs no request, and no key, while its terms are not agreed to', async () => {
    const account = { contacts: [], termsOfServiceAgreed: false };
    await expect(world.issue({ account })).rejects.toMatchObject({
      code: 'acme.terms-not-agreed',
      hint: 'read https://ca.example/terms, then add --agree-tos',
    });
    expect(registrations()).toBe(0);
    expect(await kept()).toBeUndefined();
  });

  it('costs no request, and no key, while an external account is missing', async () => {
    world.ca.accounts.externalAccounts = { kid: 'c2VjcmV0' };
    await expect(world.issue()).rejects.toMatchObject({ code: 'acme.external-account-required' });
    expect(registrations()).toBe(0);
    expect(await kept()).toBeUndefined();
  });

  it('is bound to an external account', async () => {
    world.ca.accounts.externalAccounts = { kid: 'c2VjcmV0' };
    const externalAccount = { kid: 'kid', hmacKey: 'c2VjcmV0' };
    await world.issue({ account: { contacts: [], termsOfServiceAgreed: true, externalAccount } });
    expect(world.ca.accounts.urls()).toEqual([(await kept())?.url]);
  });

  it('needs no consent where there are no terms', async () => {
    world.ca.accounts.termsOfService = undefined;
    await world.issue({ account: { contacts: ['mailto:me@lan.example'], termsOfServiceAgreed: false } });
    expect(registrations()).toBe(1);
  });
});
