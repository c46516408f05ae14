import { describe, expect, it } from 'vitest';
import { configOf, leastIdentity as iot, problemsOf } from './made-host.ts';

const envFile = (...lines: readonly string[]): object => ({
  files: { '/etc/lanacme/lanacme.env': `${lines.join('\n')}\n` },
});

describe('credentials', () => {
  it.each([
    [{}, { format: 'process' }],
    [{ format: 'env' }, { format: 'env' }],
    [{ output: 'aws' }, { format: 'file', profile: 'default', output: { path: '/cwd/aws' } }],
    [
      { format: 'json', output: '/a' },
      { format: 'json', output: { path: '/a' } },
    ],
    [
      { format: 'file', output: '/a', 'aws-profile': 'nas', 'key-group': 'backup' },
      { format: 'file', profile: 'nas', output: { path: '/a', keyGroup: 'backup' } },
    ],
  ])('with %j go to %j', async (given, target) => {
    const config = await configOf('credentials', { ...iot, ...given });
    expect(config).toMatchObject({ command: 'credentials', action: 'print', target });
    expect(config).toHaveProperty('target', target);
  });

  it('need no zone, but an identity', async () => {
    expect(await problemsOf('credentials', {})).toEqual([
      'config.missing: AWS credentials from IoT need --iot-endpoint, --iot-role-alias, --iot-cert and --iot-key',
    ]);
  });

  it('are not open to the group that the env file lets read the keys of certificates', async () => {
    const [given, situation] = [{ ...iot, output: '/a' }, envFile('LANACME_KEY_GROUP=ssl-cert')];
    const config = await configOf('credentials', given, situation);
    expect(config).toHaveProperty('target.output', { path: '/a' });
    const flagged = await configOf('credentials', { ...given, 'key-group': 'backup' }, situation);
    expect(flagged).toHaveProperty('target.output', { path: '/a', keyGroup: 'backup' });
  });

  it.each([
    [{ format: 'file' }, 'config.missing: --output is missing: --format file needs'],
    [{ 'aws-profile': 'nas' }, 'config.conflict: --aws-profile goes with --format file, with --output'],
    [{ format: 'json', output: '/a', 'aws-profile': 'nas' }, 'config.conflict: --aws-profile goes with'],
    [{ 'key-group': 'backup' }, 'config.conflict: --key-group goes with --output'],
    [{ format: 'ini' }, 'config.invalid-value: --format: "ini" is not possible'],
    [{ output: '/a', 'aws-profile': 'a]b' }, 'config.invalid-value: --aws-profile: "a]b" cannot be the name'],
  ])('%j is wrong usage', async (given, problem) => {
    const problems = await problemsOf('credentials', { ...iot, ...given });
    expect(problems).toEqual([expect.stringContaining(problem)]);
  });
});
