import type { HookCommands, HooksConfig, HostHooksConfig } from './config.ts';
import type { Problems } from './problems.ts';
import type { RawSettings } from './read.ts';
import { servedTarget } from './served-target.ts';
import type { Values } from './values.ts';

/** What is to be run, and on whose word. */
export function checkHooks(values: Values, { envFile }: RawSettings, problems: Problems): HooksConfig {
  const deploy = commandsOf('deploy-hook', values);
  const user = values.get('hook-user');
  const checks = problems.attempt(values.origin('check'), () => values.given('check')?.map(servedTarget));
  const rollbackOnFailure = values.given('rollback-on-failure');
  return {
    deploy: deploy.isOfFile ? [] : deploy.commands,
    deployOfFile: deploy.isOfFile ? deploy.commands : [],
    pre: commandsOf('pre-hook', values),
    post: commandsOf('post-hook', values),
    ...(envFile === undefined ? {} : { envFile }),
    skip: values.get('no-hooks'),
    ...(user === undefined ? {} : { user }),
    timeoutMs: values.get('hook-timeout'),
    ...(checks === undefined ? {} : { checks }),
    ...(rollbackOnFailure === undefined ? {} : { rollbackOnFailure }),
  };
}

/** For who looks at what others run. */
export function checkHostHooks({ given, envFile }: RawSettings): HostHooksConfig {
  const hook = given.get('deploy-hook');
  return {
    commands: hook?.source === 'file' ? hook.texts : [],
    ...(envFile === undefined ? {} : { envFile }),
  };
}

function commandsOf(name: 'deploy-hook' | 'pre-hook' | 'post-hook', values: Values): HookCommands {
  return { commands: values.get(name) ?? [], isOfFile: values.source(name) === 'file' };
}
