/** The CAs whose rate limits are known here. */
export const caLimitNames = ['letsencrypt', 'letsencrypt-staging', 'none'] as const;

export type CaLimitsName = (typeof caLimitNames)[number];

/** So many at once, and one more after each such time, never more than the first number. */
export interface TokenBucket {
  readonly capacity: number;
  readonly refillMs: number;
}

/** What a CA lets an account do. An absent one is no limit. */
export interface CaLimits {
  readonly newOrders?: TokenBucket;
  readonly certificatesPerSetOfNames?: TokenBucket;
  readonly failedValidationsPerName?: TokenBucket;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const week = 7 * 24 * hour;

/** https://letsencrypt.org/docs/rate-limits/ and …/docs/staging-environment/ (August 2026). */
const limits: Readonly<Record<CaLimitsName, CaLimits>> = {
  letsencrypt: {
    newOrders: { capacity: 300, refillMs: 36 * second },
    certificatesPerSetOfNames: { capacity: 5, refillMs: week / 5 },
    failedValidationsPerName: { capacity: 5, refillMs: 12 * minute },
  },
  'letsencrypt-staging': {
    newOrders: { capacity: 1500, refillMs: (3 * hour) / 1500 },
    certificatesPerSetOfNames: { capacity: 30_000, refillMs: week / 30_000 },
    failedValidationsPerName: { capacity: 200, refillMs: hour / 200 },
  },
  none: {},
};

const byDirectory: ReadonlyMap<string, CaLimitsName> = new Map([
  ['https://acme-v02.api.letsencrypt.org/directory', 'letsencrypt'],
  ['https://acme-staging-v02.api.letsencrypt.org/directory', 'letsencrypt-staging'],
]);

/** The limits that are named (`--ca-limits`), else those of the CA with this directory, if they are known. */
export function caLimits(name: CaLimitsName | undefined, directoryUrl: string): CaLimits {
  return limits[name ?? byDirectory.get(directoryUrl) ?? 'none'];
}
