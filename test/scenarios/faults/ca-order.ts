/** What can become of newOrder. */
import { contentType, exactSetLimit, forEver, httpDate, page, problem, strike } from './ca-script.ts';
import { type FaultRow, survived } from './fault-row.ts';
import { domains } from './lane.ts';

const [name] = domains;
const dns = (value: string): object => ({ type: 'dns', value });

const paused = {
  type: 'rateLimited',
  detail: `Your account is temporarily prevented from requesting certificates for ${name} and possibly others. Please visit: https://unpause.example/sfe/v1/unpause?jwt=eyJhbGciOiJIUzI1NiJ9`,
};

export const orderFaults: readonly FaultRow[] = [
  {
    fault: 'newOrder: rateLimited (429), Retry-After in seconds',
    arrange: strike('newOrder', problem(429, exactSetLimit, { 'retry-after': '122400' })),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: 'for this exact set of identifiers',
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: rateLimited (429), Retry-After a date',
    arrange: (scene) =>
      strike('newOrder', problem(429, exactSetLimit, { 'retry-after': httpDate(122_400) }))(scene),
    codes: ['acme.rate-limited'],
    exit: 75,
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: rateLimited (429), the time only in the text',
    arrange: strike('newOrder', problem(429, exactSetLimit)),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: /; try again at \S+ or later/,
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: rateLimited (429), and no time anywhere',
    arrange: strike('newOrder', problem(429, { type: 'rateLimited', detail: 'too many orders' })),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: 'an hour from now',
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: compound, a rate limit for each name with a time of its own',
    arrange: strike(
      'newOrder',
      problem(429, {
        type: 'compound',
        detail: 'Error creating new order',
        subproblems: domains.map((domain) => ({ ...exactSetLimit, identifier: dns(domain) })),
      }),
    ),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: /; try again at \S+ or later/,
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: rateLimited, paused until a page is opened',
    arrange: strike('newOrder', problem(429, paused, { 'retry-after': '604800' })),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: 'https://unpause.example/sfe/v1/unpause?jwt=eyJhbGciOiJIUzI1NiJ9',
  },
  {
    fault: 'newOrder: 429 of a load balancer, no problem document',
    arrange: strike('newOrder', page(429, { 'retry-after': '90' })),
    codes: ['acme.rate-limited'],
    exit: 75,
  },
  {
    fault: 'newOrder: 429 of a load balancer, and no Retry-After',
    arrange: strike('newOrder', page(429)),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: 'an hour from now',
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: rejectedIdentifier, a subproblem for each name',
    arrange: strike(
      'newOrder',
      problem(400, {
        type: 'rejectedIdentifier',
        detail: 'Cannot issue for 2 of the names',
        subproblems: domains.map((domain) => ({
          type: 'rejectedIdentifier',
          detail: 'The ACME server refuses to issue for this name: policy',
          identifier: dns(domain),
        })),
      }),
    ),
    codes: ['acme.name-rejected'],
    exit: 1,
    says: `*.${name}: The ACME server refuses`,
  },
  {
    fault: 'newOrder: compound, subproblems that differ',
    arrange: strike(
      'newOrder',
      problem(403, {
        type: 'compound',
        detail: 'Error creating new order',
        subproblems: [
          { type: 'caa', detail: 'CAA record for lan.example prevents issuance', identifier: dns(name) },
          { type: 'rejectedIdentifier', detail: 'Name is on a blocklist', identifier: dns(`*.${name}`) },
        ],
      }),
    ),
    codes: ['acme.refused'],
    exit: 1,
    says: 'prevents issuance',
  },
  {
    fault: 'newOrder: 500 twice',
    arrange: strike('newOrder', page(500), { times: 2 }),
    ...survived,
    requests: { newOrder: 3 },
  },
  {
    fault: 'newOrder: 503, Retry-After ten minutes',
    arrange: strike('newOrder', page(503, { 'retry-after': '600' })),
    codes: ['acme.server-error'],
    exit: 75,
    requests: { newOrder: 1 },
  },
  {
    fault: 'newOrder: serverInternal for ever',
    arrange: strike(
      'newOrder',
      problem(500, { type: 'serverInternal', detail: 'Error creating new order' }),
      forEver,
    ),
    codes: ['acme.server-error'],
    exit: 1,
    requests: { newOrder: 4 },
  },
  {
    fault: 'newOrder: the connection is reset before the request arrives',
    arrange: strike('newOrder', { kind: 'reset before' }),
    ...survived,
    requests: { newOrder: 2 },
  },
  {
    fault: 'newOrder: the answer is lost',
    arrange: strike('newOrder', { kind: 'reset after' }),
    ...survived,
    requests: { newOrder: 2 },
    leftovers: ['an order whose answer was lost'],
  },
  {
    fault: 'newOrder: the answer is text, not JSON',
    arrange: strike('newOrder', contentType('text/plain')),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'text/plain',
    leftovers: ['an order whose answer was lost'],
  },
  {
    fault: 'newOrder: 30 s of silence',
    time: { runs: 8 },
    arrange: strike('newOrder', { kind: 'silence' }),
    codes: ['acme.unreachable'],
    exit: 1,
    requests: { newOrder: 1 },
  },
];
