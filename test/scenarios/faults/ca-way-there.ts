/** Between this host and the CA: the network, TLS, what stands before the CA; and nonces, which every request needs. */
import { freePorts } from '../../support/free-ports.ts';
import { ca, forEver, httpDate, members, page, problem, strike } from './ca-script.ts';
import { type FaultRow, survived } from './fault-row.ts';

const wayThere: readonly FaultRow[] = [
  {
    fault: 'nothing listens at the CA',
    arrange: async () => ({ LANACME_SERVER: `https://localhost:${(await freePorts(1))[0] ?? 0}/dir` }),
    codes: ['acme.unreachable'],
    exit: 1,
    says: 'nothing listens at',
  },
  {
    fault: 'the CA’s name does not exist',
    arrange: () => ({ LANACME_SERVER: 'https://ca.invalid/dir' }),
    codes: ['acme.unreachable'],
    exit: 1,
    says: 'no address found for ca.invalid',
  },
  {
    fault: 'the CA’s own certificate is not trusted',
    arrange: () => ({ LANACME_SERVER_CA: undefined }),
    codes: ['acme.server-untrusted'],
    exit: 1,
    says: 'is not trusted',
    requests: { credentials: 1 },
  },
  {
    fault: 'directory: the connection is reset, once',
    arrange: strike('directory', { kind: 'reset before' }),
    ...survived,
    requests: { directory: 2 },
  },
  {
    fault: 'directory: the connection is reset, always',
    arrange: strike('directory', { kind: 'reset before' }, forEver),
    codes: ['acme.unreachable'],
    exit: 1,
    says: 'closed the connection',
    requests: { directory: 4 },
  },
  {
    fault: 'directory: half of the answer, once',
    arrange: strike('directory', { kind: 'cut off' }),
    ...survived,
    requests: { directory: 2 },
  },
  {
    fault: 'directory: 30 s of silence',
    time: { runs: 8 },
    arrange: strike('directory', { kind: 'silence' }),
    codes: ['acme.unreachable'],
    exit: 1,
    says: 'no answer from',
    requests: { directory: 1 },
  },
  {
    fault: 'directory: 500 without Retry-After, three times',
    arrange: strike('directory', page(500), { times: 3 }),
    ...survived,
    requests: { directory: 4 },
  },
  {
    fault: 'directory: 503 without Retry-After, for ever',
    arrange: strike('directory', page(503), forEver),
    codes: ['acme.server-error'],
    exit: 1,
    says: 'status 503',
    requests: { directory: 4 },
  },
  {
    fault: 'directory: 503, Retry-After 50 s',
    arrange: strike('directory', page(503, { 'retry-after': '50' })),
    ...survived,
    requests: { directory: 2 },
  },
  {
    fault: 'directory: 503, Retry-After an hour',
    arrange: strike('directory', page(503, { 'retry-after': '3600' })),
    codes: ['acme.server-error'],
    exit: 75,
    says: 'status 503',
    requests: { directory: 1 },
  },
  {
    fault: 'directory: 503, Retry-After a date in two hours',
    arrange: (scene) => strike('directory', page(503, { 'retry-after': httpDate(7200) }))(scene),
    codes: ['acme.server-error'],
    exit: 75,
    requests: { directory: 1 },
  },
  {
    fault: 'directory: a captive portal’s page, status 200',
    arrange: strike('directory', page(200)),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'came as text/html',
    requests: { directory: 1 },
  },
  {
    fault: 'directory: 404, not an ACME server',
    arrange: strike('directory', page(404)),
    codes: ['acme.refused'],
    exit: 1,
    says: 'status 404',
  },
  {
    fault: 'directory: JSON, but of something else',
    arrange: strike('directory', members({ newNonce: undefined })),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'newNonce',
  },
];

const nonces: readonly FaultRow[] = [
  {
    fault: 'newNonce: reset, then 500',
    arrange: ca(
      { resource: 'newNonce', fault: { kind: 'reset before' } },
      { resource: 'newNonce', nth: 2, fault: page(500) },
    ),
    ...survived,
  },
  {
    fault: 'newNonce: no Replay-Nonce in the answer',
    arrange: strike('newNonce', page(200)),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'Replay-Nonce',
  },
  {
    fault: 'badNonce: ten refusals of newOrder in a row',
    arrange: strike('newOrder', problem(400, { type: 'badNonce', detail: 'stale' }), { times: 10 }),
    ...survived,
    requests: { newOrder: 11 },
  },
  {
    fault: 'badNonce: answers carry nonces that are used up, so Pebble refuses the next request each time',
    arrange: ca(
      { resource: 'newOrder', fault: { kind: 'used nonce' } },
      { resource: 'authorization', times: 2, fault: { kind: 'used nonce' } },
      { resource: 'finalize', fault: { kind: 'used nonce' } },
    ),
    ...survived,
    requests: { newOrder: 1 },
    uncounted: ['authorization', 'challenge'],
  },
  {
    fault: 'badNonce: every newOrder is refused',
    arrange: strike('newOrder', problem(400, { type: 'badNonce', detail: 'stale' }), forEver),
    codes: ['acme.server-error'],
    exit: 1,
    says: 'badNonce',
    requests: { newOrder: 16 },
  },
];

export const wayThereFaults: readonly FaultRow[] = [...wayThere, ...nonces];
