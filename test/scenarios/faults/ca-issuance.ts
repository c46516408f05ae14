/** From the validated order to the certificate. */
import type { CaAnswer } from '../../world/acme-faults.ts';
import { type Misissue, misissue } from '../../world/misissued.ts';
import type { Validity } from '../../world/pki.ts';
import {
  type CaScript,
  ca,
  changed,
  contentType,
  exactSetLimit,
  finalized,
  forEver,
  httpDate,
  members,
  page,
  problem,
  problemPrefix,
  strike,
} from './ca-script.ts';
import { type FaultRow, survived } from './fault-row.ts';
import { domains } from './lane.ts';

const [name] = domains;

/** The certificate that was asked for is another one. */
function misissued(how: Partial<Misissue>): CaScript {
  return (scene) => {
    const change = async (answer: CaAnswer): Promise<CaAnswer> => {
      const finalize = scene.ca.requests.find(({ resource }) => resource === 'finalize');
      const { csr } = JSON.parse(finalize?.payload ?? '{}') as { readonly csr: string };
      return { ...answer, body: await misissue(csr, { names: domains, ...how }) };
    };
    scene.ca.faults.add({ resource: 'certificate', fault: changed(change) });
    return {};
  };
}

const dayMs = 24 * 3600 * 1000;
const fromDays = (from: number, to: number): Validity => ({
  notBefore: new Date(Date.now() + from * dayMs),
  notAfter: new Date(Date.now() + to * dayMs),
});

export const issuanceFaults: readonly FaultRow[] = [
  {
    fault: 'order: 503 at the second look',
    arrange: strike('order', page(503)),
    ...survived,
  },
  {
    fault: 'order: HTML instead of JSON',
    arrange: strike('order', contentType('text/html')),
    codes: ['acme.bad-answer'],
    exit: 1,
  },
  {
    fault: 'order: pending for ever, Retry-After 20 s',
    time: { skips: 400 },
    arrange: (scene) => {
      // Ten minutes on a clock that is moved: Route 53 must not mind.
      scene.world.route53.behaviour.toleratedSkewMs = Infinity;
      const pending = members({ status: 'pending' }, { 'retry-after': '20' });
      return strike('order', pending, forEver)(scene);
    },
    codes: ['acme.order-timeout'],
    exit: 1,
    says: 'still pending after 10 minutes',
  },
  {
    fault: 'order: invalid, and the CA gives no reason',
    arrange: strike('order', members({ status: 'invalid' }), forEver),
    codes: ['acme.order-failed'],
    exit: 1,
  },
  {
    fault: 'finalize: processing for three minutes',
    time: { skips: 100 },
    arrange: (scene) => {
      const processing = { status: 'processing', certificate: undefined };
      return strike('order', finalized(processing, { 'retry-after': '30' }, 6), forEver)(scene);
    },
    ...survived,
  },
  {
    fault: 'finalize: processing, Retry-After an hour',
    arrange: strike('finalize', members({ status: 'processing' }, { 'retry-after': '3600' })),
    codes: ['acme.order-timeout'],
    exit: 75,
  },
  {
    fault: 'finalize: processing, Retry-After a date in an hour',
    arrange: (scene) =>
      strike('finalize', members({ status: 'processing' }, { 'retry-after': httpDate(3600) }))(scene),
    codes: ['acme.order-timeout'],
    exit: 75,
  },
  {
    fault: 'finalize: 500 once',
    arrange: strike('finalize', page(500)),
    ...survived,
    requests: { finalize: 2 },
  },
  {
    fault: 'finalize: the answer is lost; the order is seen to be finalized',
    arrange: strike('finalize', { kind: 'reset after' }),
    ...survived,
    requests: { finalize: 1 },
  },
  {
    fault: 'finalize: badCSR',
    arrange: strike(
      'finalize',
      problem(400, { type: 'badCSR', detail: 'signature algorithm not supported' }),
    ),
    codes: ['acme.refused'],
    exit: 1,
    says: 'signature algorithm',
  },
  {
    fault: 'finalize: orderNotReady',
    arrange: strike('finalize', problem(403, { type: 'orderNotReady', detail: 'order is pending' })),
    codes: ['acme.order-failed'],
    exit: 1,
  },
  {
    fault: 'finalize: caa, checked again at issuance',
    arrange: strike(
      'finalize',
      problem(403, {
        type: 'caa',
        detail: 'Rechecking CAA for "fault.lan.example": CAA record for lan.example prevents issuance',
      }),
    ),
    codes: ['acme.caa'],
    exit: 1,
    says: 'Rechecking CAA',
  },
  {
    fault: 'finalize: rateLimited',
    arrange: strike('finalize', problem(429, exactSetLimit, { 'retry-after': '12240' })),
    codes: ['acme.rate-limited'],
    exit: 75,
  },
  {
    fault: 'finalize: the order ends invalid with an error',
    arrange: strike(
      'order',
      finalized({
        status: 'invalid',
        error: { type: `${problemPrefix}serverInternal`, detail: 'Error finalizing order' },
      }),
      forEver,
    ),
    codes: ['acme.server-error'],
    exit: 1,
    says: 'Error finalizing order',
  },
  {
    fault: 'certificate: half of the answer, then 500',
    arrange: ca(
      { resource: 'certificate', fault: { kind: 'cut off' } },
      { resource: 'certificate', nth: 2, fault: page(500) },
    ),
    ...survived,
    requests: { certificate: 3 },
  },
  {
    fault: 'certificate: HTML with status 200',
    arrange: strike('certificate', contentType('text/html')),
    codes: ['acme.bad-answer'],
    exit: 1,
    says: 'text/html',
  },
  {
    fault: 'certificate: no PEM in it',
    arrange: strike(
      'certificate',
      changed((answer) => ({ ...answer, body: 'certificate pending\n' })),
    ),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'holds no PEM certificate',
  },
  {
    fault: 'certificate: for another key',
    arrange: misissued({ foreignKey: true }),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'another key',
  },
  {
    fault: 'certificate: a name is missing',
    arrange: misissued({ names: [name] }),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'it lacks the name',
  },
  {
    fault: 'certificate: a name that nobody ordered',
    arrange: misissued({ names: [...domains, 'other.example'] }),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'not ordered: other.example',
  },
  {
    fault: 'certificate: expired',
    arrange: (scene) => misissued({ validity: fromDays(-90, -1) })(scene),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'it ended at',
  },
  {
    fault: 'certificate: valid from tomorrow',
    arrange: (scene) => misissued({ validity: fromDays(1, 90) })(scene),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'valid only from',
  },
  {
    fault: 'certificate: the chain does not fit together',
    arrange: misissued({ brokenChain: true }),
    codes: ['certificate.unusable'],
    exit: 1,
    says: 'not signed by the one after it',
  },
];
