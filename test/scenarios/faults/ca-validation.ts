/** From the authorizations to their validation. */
import type { Problem } from '../../world/acme-faults.ts';
import {
  type CaScript,
  ca,
  changed,
  contentType,
  exactSetLimit,
  forEver,
  members,
  page,
  problem,
  problemPrefix,
  strike,
} from './ca-script.ts';
import { type FaultRow, survived } from './fault-row.ts';
import { domains } from './lane.ts';

const [name] = domains;
const dns = (value: string): object => ({ type: 'dns', value });

/** Both authorizations end invalid, once they have been read to be answered. */
function invalidAuthorizations(error: Problem, subproblems: readonly Problem[] = []): CaScript {
  const told = {
    ...error,
    type: problemPrefix + error.type,
    subproblems: subproblems.map((sub) => ({ ...sub, type: problemPrefix + sub.type })),
  };
  const invalid = changed((answer) => {
    const authorization = JSON.parse(answer.body) as { challenges: readonly object[] };
    const challenges = authorization.challenges.map((challenge) => ({
      ...challenge,
      status: 'invalid',
      error: told,
    }));
    return { ...answer, body: JSON.stringify({ ...authorization, status: 'invalid', challenges }) };
  });
  return ca(
    { resource: 'order', fault: members({ status: 'invalid' }) },
    { resource: 'authorization', nth: 3, ...forEver, fault: invalid },
  );
}

export const validationFaults: readonly FaultRow[] = [
  {
    fault: 'authorization: reset, then 502',
    arrange: ca(
      { resource: 'authorization', fault: { kind: 'reset after' } },
      { resource: 'authorization', nth: 3, fault: page(502) },
    ),
    ...survived,
    requests: { authorization: 4 },
  },
  {
    fault: 'authorization: HTML instead of JSON',
    arrange: strike('authorization', contentType('text/html')),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'text/html',
  },
  {
    fault: 'authorization: no dns-01 challenge is offered',
    arrange: strike(
      'authorization',
      changed((answer) => {
        const authorization = JSON.parse(answer.body) as { challenges: readonly { readonly type: string }[] };
        const challenges = authorization.challenges.filter(({ type }) => type !== 'dns-01');
        return { ...answer, body: JSON.stringify({ ...authorization, challenges }) };
      }),
      { times: 2 },
    ),
    codes: ['acme.no-dns-challenge'],
    exit: 1,
  },
  {
    fault: 'authorization: a token that is not base64url',
    arrange: strike(
      'authorization',
      changed((answer) => ({
        ...answer,
        body: answer.body.replaceAll(/"token": ?"[^"]*"/g, '"token":"../../token"'),
      })),
    ),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'token',
  },
  {
    fault: 'authorization: it ends invalid, dns, with subproblems from two perspectives',
    arrange: invalidAuthorizations(
      {
        type: 'dns',
        detail: `During secondary validation: DNS problem: looking up TXT for _acme-challenge.${name}: SERVFAIL`,
      },
      [
        { type: 'dns', detail: 'query timed out', identifier: dns(name) },
        { type: 'unauthorized', detail: 'Incorrect TXT record found', identifier: dns(name) },
      ],
    ),
    codes: ['acme.challenge-failed'],
    exit: 1,
    says: 'query timed out',
  },
  {
    fault: 'authorization: it ends invalid, unauthorized, another value was seen',
    arrange: invalidAuthorizations({ type: 'unauthorized', detail: 'Incorrect TXT record "old" found' }),
    codes: ['acme.challenge-failed'],
    exit: 1,
    says: 'Incorrect TXT record',
  },
  {
    fault: 'authorization: it ends invalid, caa',
    arrange: invalidAuthorizations({ type: 'caa', detail: 'CAA record for lan.example prevents issuance' }),
    codes: ['acme.caa'],
    exit: 1,
    says: 'prevents issuance',
  },
  {
    fault: 'challenge: reset before the request arrives, then 500',
    arrange: ca(
      { resource: 'challenge', fault: { kind: 'reset before' } },
      { resource: 'challenge', nth: 2, fault: page(500) },
    ),
    ...survived,
    uncounted: ['challenge'],
  },
  {
    fault: 'challenge: the answer is lost; the challenge is seen to be answered',
    arrange: strike('challenge', { kind: 'reset after' }),
    ...survived,
    requests: { challenge: 3 },
  },
  {
    fault: 'challenge: half of the answer',
    arrange: strike('challenge', { kind: 'cut off' }),
    ...survived,
    requests: { challenge: 3 },
  },
  {
    fault: 'challenge: refused as malformed; pending authorizations are deactivated',
    arrange: strike('challenge', problem(400, { type: 'malformed', detail: 'no such challenge' }), forEver),
    codes: ['acme.refused', 'acme.refused'],
    exit: 1,
    says: 'no such challenge',
  },
  {
    fault: 'challenge: rateLimited; pending authorizations are deactivated',
    arrange: strike('challenge', problem(429, exactSetLimit, { 'retry-after': '3600' }), forEver),
    codes: ['acme.rate-limited', 'acme.rate-limited'],
    exit: 75,
  },
];
