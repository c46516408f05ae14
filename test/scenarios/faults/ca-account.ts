/** What a CA can have against an account. */
import { members, problem, strike } from './ca-script.ts';
import { type FaultRow, survived } from './fault-row.ts';

export const accountFaults: readonly FaultRow[] = [
  {
    fault: 'newAccount: the answer is lost; the same key finds the account again',
    before: 'nothing',
    arrange: strike('newAccount', { kind: 'reset after' }),
    ...survived,
    requests: { newAccount: 2 },
  },
  {
    fault: 'newAccount: externalAccountRequired, as the directory says',
    before: 'nothing',
    arrange: strike('directory', members({ meta: { externalAccountRequired: true } })),
    codes: ['acme.external-account-required'],
    exit: 1,
    requests: { directory: 1 },
  },
  {
    fault: 'newAccount: externalAccountRequired, which the directory does not say',
    before: 'nothing',
    arrange: strike(
      'newAccount',
      problem(403, { type: 'externalAccountRequired', detail: 'register with us first' }),
    ),
    codes: ['acme.external-account-required'],
    exit: 1,
    says: 'register with us first',
  },
  {
    fault: 'newAccount: the terms are not agreed to',
    before: 'nothing',
    arrange: () => ({ LANACME_AGREE_TOS: undefined }),
    codes: ['acme.terms-not-agreed'],
    exit: 1,
  },
  {
    fault: 'newAccount: rateLimited, too many from this address',
    before: 'nothing',
    arrange: strike(
      'newAccount',
      problem(
        429,
        {
          type: 'rateLimited',
          detail: 'too many new registrations (10) from this IP address in the last 3h0m0s',
        },
        { 'retry-after': '1080' },
      ),
    ),
    codes: ['acme.rate-limited'],
    exit: 75,
    says: 'too many new registrations',
    requests: { newAccount: 1 },
  },
  {
    fault: 'newAccount: invalidContact',
    before: 'nothing',
    arrange: strike(
      'newAccount',
      problem(400, { type: 'invalidContact', detail: 'contact email has forbidden domain "lan.example"' }),
    ),
    codes: ['acme.refused'],
    exit: 1,
    says: 'forbidden domain',
  },
  {
    fault: 'newOrder: accountDoesNotExist; the key is registered again',
    arrange: strike('newOrder', problem(400, { type: 'accountDoesNotExist', detail: 'account not found' })),
    ...survived,
    requests: { newOrder: 2, newAccount: 1 },
  },
  {
    fault: 'newOrder: unauthorized, the account was deactivated',
    arrange: strike(
      'newOrder',
      problem(403, {
        type: 'unauthorized',
        detail: 'An account with the provided public key exists but is deactivated',
      }),
    ),
    codes: ['acme.refused'],
    exit: 1,
    says: 'deactivated',
  },
  {
    fault: 'newOrder: userActionRequired with the page to open',
    arrange: strike(
      'newOrder',
      problem(403, {
        type: 'userActionRequired',
        detail: 'Terms of service have changed',
        instance: 'https://ca.example/terms-2027',
      }),
    ),
    codes: ['acme.user-action-required'],
    exit: 1,
    says: 'Terms of service have changed',
  },
];
