import { beforeEach, describe, expect, it } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import {
  askRenewalInfo,
  mayAskRenewalInfo,
  type RenewalInfoPorts,
  type SilentServers,
} from '../../src/flows/ask-renewal-info.ts';
import { makeAcmeIssuer } from '../fakes/acme-issuer.ts';
import { acmeProblem } from '../fakes/acme-refusal.ts';
import { FakeAcmeServer } from '../fakes/acme-server.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { ZoneStore } from '../world/zone-store.ts';

const signal = new AbortController().signal;
const name = parseCertificateName('lan.example');
const issuer = await makeAcmeIssuer();
const dayMs = 24 * 3600_000;

let clock: FakeClock;
let ca: FakeAcmeServer;
let ports: RenewalInfoPorts;
let log: FakeLog;
let loaded: string[];

beforeEach(() => {
  clock = new FakeClock('2026-01-01T00:00:00Z');
  ca = new FakeAcmeServer({ clock, zones: new ZoneStore({ now: () => clock.now() }), issuer });
  log = new FakeLog();
  loaded = [];
  ports = {
    acme: async (url) => {
      loaded.push(url);
      return await Promise.resolve(ca);
    },
    clock,
    random: { number: () => 0.5, hex: () => '' },
    log,
  };
});

/** The record of a certificate that the CA has issued. */
function recordOf(certId: string): CertificateRecord {
  const notBefore = clock.now();
  const notAfter = new Date(notBefore.getTime() + 90 * dayMs - 1_000);
  const certificate = { serial: certId, ariId: certId, chains: [] };
  ca.renewals.add({ certificate, account: '', domains: [], notBefore, notAfter });
  const spec = { domains: [], server: ca.directoryUrl, keyType: 'ec256' } as const;
  const inspection = {
    serial: certId,
    issuer: '',
    domains: [],
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    stamp: '',
  };
  const installed = { version: '0001', at: notBefore.toISOString(), spec, certId, inspection };
  return { format: 1, name, spec, deployHooks: [], hooks: [], installed };
}

describe('when a certificate is best renewed', () => {
  it('is asked of its CA, and the instant is drawn', async () => {
    const { ari } = await askRenewalInfo(recordOf('a.b'), ports, signal);
    expect(ari).toEqual({
      certId: 'a.b',
      window: { start: '2026-03-01T02:23:59Z', end: '2026-03-02T21:35:59Z' },
      renewAt: '2026-03-01T23:59:59Z',
      askedAt: '2026-01-01T00:00:00Z',
      askAgainAt: '2026-01-01T06:00:00Z',
    });
    expect(log.lines).toEqual([
      'info: the CA suggests to renew lan.example between 2026-03-01T02:23:59Z and 2026-03-02T21:35:59Z',
    ]);
  });

  it('is not asked before the CA said so: nothing is loaded', async () => {
    const record = await askRenewalInfo(recordOf('a.b'), ports, signal);
    clock.move(6 * 3600_000 - 1_000);
    expect(await askRenewalInfo(record, ports, signal)).toBe(record);
    expect(loaded).toHaveLength(1);
    clock.move(1_000);
    expect((await askRenewalInfo(record, ports, signal)).ari?.renewAt).toBe(record.ari?.renewAt);
    expect(ca.calls.filter((call) => call === 'renewalInfo')).toHaveLength(2);
  });

  it('is not asked of a certificate whose id is not known, nor of one that has expired', async () => {
    const { installed, ...without } = recordOf('a.b');
    expect(mayAskRenewalInfo(without, clock.now())).toBe(false);
    expect(await askRenewalInfo(without, ports, signal)).toBe(without);
    clock.move(90 * dayMs);
    expect(mayAskRenewalInfo({ ...without, ...(installed && { installed }) }, clock.now())).toBe(false);
    expect(loaded).toEqual([]);
  });

  it('is kept as it was while the CA fails, and asked again later and later', async () => {
    const before = await askRenewalInfo(recordOf('a.b'), ports, signal);
    clock.move(6 * 3600_000);
    ca.refuse('renewalInfo', acmeProblem('serverInternal', 'down', { status: 500 }));
    const { ari } = await askRenewalInfo(before, ports, signal);
    expect(ari).toEqual({
      ...before.ari,
      askedAt: '2026-01-01T06:00:00Z',
      askAgainAt: '2026-01-01T06:01:00Z',
      failures: 1,
    });
    expect(log.lines.at(-1)).toMatch(/^warn: the CA could not be asked when to renew lan\.example: .+ down/);
  });

  it('waits as long as a CA in trouble says', async () => {
    ca.refuse('renewalInfo', acmeProblem('rateLimited', 'slow', { status: 429 }), 3600_000);
    const { ari } = await askRenewalInfo(recordOf('a.b'), ports, signal);
    expect(ari).toMatchObject({ failures: 1, askAgainAt: '2026-01-01T01:00:00Z' });
  });

  it('is asked once a run of a CA that does not answer, for all certificates', async () => {
    const silent: SilentServers = new Map();
    ca.refuse('directory', acmeProblem('serverInternal', 'down', { status: 500 }));
    const first = await askRenewalInfo(recordOf('a.b'), ports, signal, silent);
    const second = await askRenewalInfo(recordOf('a.c'), ports, signal, silent);
    expect([first.ari?.failures, second.ari?.failures]).toEqual([1, 1]);
    expect(ca.calls).toEqual(['directory']);
  });

  it('is asked for each certificate of a CA that refuses one of them', async () => {
    const silent: SilentServers = new Map();
    const unknown = recordOf('a.b');
    ca.refuse('renewalInfo', acmeProblem('malformed', 'unknown', { status: 404 }));
    await askRenewalInfo(unknown, ports, signal, silent);
    expect((await askRenewalInfo(recordOf('a.c'), ports, signal, silent)).ari?.renewAt).toBeDefined();
  });

  it('is left at once when the run is interrupted', async () => {
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    await expect(askRenewalInfo(recordOf('a.b'), ports, interrupted)).rejects.toThrow('interrupted');
  });

  it('is what a revocation makes it: now', async () => {
    ca.renewals.suggest('a.b', {
      window: { start: new Date('2025-12-31T23:00:00Z'), end: new Date('2025-12-31T23:30:00Z') },
      explanationUrl: 'https://ca.example/incident',
    });
    expect((await askRenewalInfo(recordOf('a.b'), ports, signal)).ari).toMatchObject({
      renewAt: '2025-12-31T23:15:00Z',
      explanationUrl: 'https://ca.example/incident',
    });
  });
});
