import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import type { AcmeServer } from '../../src/ports.ts';
import { makeMovedClock } from './moved-clock.ts';
import { directoryOf, problem, type ScriptedCa, startScriptedCa } from './scripted-ca.ts';
import { silentLog } from './silent-log.ts';

const signal = new AbortController().signal;
const now = new Date('2026-11-22T12:00:00Z');
const certId = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE';
const suggestedWindow = { start: '2026-12-01T00:00:00Z', end: '2026-12-02T00:00:00Z' };

let ca: ScriptedCa;
let server: AcmeServer;
beforeEach(async () => {
  ca = await startScriptedCa();
  ca.on('/dir', { body: { ...directoryOf(ca.url), renewalInfo: `${ca.url}/ari` } });
  const http = makeHttpClient({ onlyRoots: [ca.rootPem] });
  server = makeAcmeServer({
    directoryUrl: ca.directoryUrl,
    http,
    log: silentLog,
    clock: makeMovedClock(now),
  });
});
afterEach(async () => {
  await server.close();
  await ca.stop();
});

describe('renewal information', () => {
  it('is asked for by one unsigned GET, which says who asks', async () => {
    ca.on(`/ari/${certId}`, { body: { suggestedWindow } });
    await server.renewalInfo(certId, signal);
    expect(ca.lines()).toEqual(['GET /dir', `GET /ari/${certId}`]);
    expect(ca.requests[1]?.headers['user-agent']).toMatch(/^lanacme/);
    expect(ca.requests[1]?.protected).toBeUndefined();
  });

  it.each([
    ['in seconds', '21600', 21_600_000],
    ['as a date', 'Sun, 22 Nov 2026 18:00:00 GMT', 21_600_000],
    ['in words', 'soon', undefined],
    ['not at all', undefined, undefined],
  ])('tells when to ask again as the CA does, %s', async (_, header, milliseconds) => {
    const headers: Record<string, string> = header === undefined ? {} : { 'retry-after': header };
    ca.on(`/ari/${certId}`, { headers, body: { suggestedWindow } });
    expect((await server.renewalInfo(certId, signal)).retryAfterMs).toBe(milliseconds);
  });

  it.each([
    ['a failure of the CA', problem('serverInternal', 'down', { status: 500 }), 'acme.server-error'],
    ['a connection that breaks', { reset: true }, 'acme.unreachable'],
    ['a refusal', problem('malformed', 'unknown', { status: 404 }), 'acme.refused'],
    ['a page of something else', { type: 'text/html', body: '<p>hello' }, 'acme.bad-answer'],
    ['a window that is none', { body: { suggestedWindow: {} } }, 'acme.bad-answer'],
  ])('is not asked for twice after %s: whoever asks paces itself', async (_, reply, code) => {
    ca.on(`/ari/${certId}`, reply);
    await expect(server.renewalInfo(certId, signal)).rejects.toMatchObject({ code });
    expect(ca.requests).toHaveLength(2);
  });

  it('is not asked for where the CA offers none', async () => {
    ca.on('/dir', { body: directoryOf(ca.url) });
    await expect(server.renewalInfo(certId, signal)).rejects.toMatchObject({ code: 'acme.refused' });
    expect(ca.lines()).toEqual(['GET /dir']);
  });
});

describe('the clock of the CA', () => {
  it.each([
    ['as the Date of the directory has it', { date: 'Sun, 22 Nov 2026 12:10:00 GMT' }, 600_000],
    [
      'unknown if a cache gave the directory',
      { date: 'Sun, 22 Nov 2026 11:00:00 GMT', age: '3600' },
      undefined,
    ],
    ['unknown if the Date is none', { date: 'midnight' }, undefined],
  ])('is %s', async (_, headers, offset) => {
    ca.on('/dir', { headers: headers, body: directoryOf(ca.url) });
    expect((await server.directory(signal)).clockOffsetMs).toBe(offset);
  });
});

describe('a revocation', () => {
  it('is not to be had of a CA that has no resource for it', async () => {
    ca.on('/dir', { body: { ...directoryOf(ca.url), revokeCert: undefined } });
    const revoked = server.revoke({ kind: 'certificate-key', keyPem: '' }, '', 0, signal);
    await expect(revoked).rejects.toMatchObject({ code: 'acme.bad-answer' });
  });
});
