/** The CAs whose rate limits are known here. */
export const caLimitNames = ['letsencrypt', 'letsencrypt-staging', 'none'] as const;

export type CaLimitsName = (typeof caLimitNames)[number];
