/**
 * What programs of the host are given as their environment. Settings may be variables, and some of them are secrets
 * (`LANACME_EAB_HMAC_KEY`, `AWS_SECRET_ACCESS_KEY`): whoever may look at a child's environment is not to find them there.
 */

/** For a program that is only asked something: where it finds others. */
export function bareEnvironment(
  { PATH = '/usr/bin:/bin' }: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  return { PATH };
}

/** For one that needs what a session has, such as the way to the bus of its user. */
export function environmentWithoutOurs(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(?:LANACME|AWS)_/.test(name)));
}
