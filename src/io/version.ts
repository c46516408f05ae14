declare const LANACME_VERSION: string | undefined;

/** Of lanacme: the build puts it in. */
export const version = typeof LANACME_VERSION === 'string' ? LANACME_VERSION : 'dev';
