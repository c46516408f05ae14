declare const LANACME_VERSION: string | undefined;
declare const LANACME_BUILT_AT: string | undefined;

/** Of lanacme: the build puts it in. */
export const version = typeof LANACME_VERSION === 'string' ? LANACME_VERSION : 'dev';

/** The day from which its sources are, by the build: no right clock shows an earlier one. */
export const builtAt = typeof LANACME_BUILT_AT === 'string' ? new Date(LANACME_BUILT_AT) : undefined;
