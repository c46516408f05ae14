/** The image by itself: what is in it, and how it behaves with nothing around it. */
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { baseImages } from './base-images.ts';
import { eventually } from './compose.ts';
import { useEngine } from './engine.ts';

const engine = useEngine();
const top = fileURLToPath(new URL('../..', import.meta.url));
const image = 'lanacme-test/lanacme';
/** 2026-11-22 */
const sourceDate = '1795305600';
const alone = ['--rm', '--network', 'none', '--read-only', '--cap-drop', 'ALL'];
let base = '';

beforeAll(async () => {
  base = (await baseImages(engine())).NODE_IMAGE;
  const args = { NODE_IMAGE: base, SOURCE_DATE_EPOCH: sourceDate };
  const buildArgs = Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const target = ['--target', 'lanacme', '--tag', image, '--file', `${top}/docker/Dockerfile`];
  await engine().docker('build', '--quiet', ...buildArgs, ...target, top);
});

/** What a shell prints in a container of it. */
async function shell(command: string): Promise<string> {
  return await engine().docker('run', ...alone, '--entrypoint', 'sh', image, '-c', command);
}

async function inspect(of: string, template: string): Promise<string> {
  return await engine().docker('inspect', '--format', template, of);
}

/** The exit code of a command of lanacme in a container of it. */
async function exitCode(...args: readonly string[]): Promise<string> {
  const id = await engine().docker('create', '--network', 'none', image, ...args);
  await engine()
    .docker('start', '--attach', id)
    .catch(() => undefined);
  const code = await inspect(id, '{{.State.ExitCode}}');
  await engine().docker('rm', id);
  return code;
}

test('it runs any command of lanacme, and ends with its exit code', async () => {
  expect(await engine().docker('run', ...alone, image, '--version')).toBe(packageJson.version);
  expect(await exitCode('status')).toBe('0');
  expect(await exitCode('status', '--check-expiry', '7')).toBe('1');
  expect(await exitCode('renwe')).toBe('2');
});

test('what it adds to Node is the bundle, a user and its folder', async () => {
  const [ofBase = 0, ofImage = 0] = await Promise.all(
    [base, image].map(async (each) => Number(await inspect(each, '{{.Size}}'))),
  );
  process.stdout.write(`the image adds ${Math.round((ofImage - ofBase) / 1000)} kB to that of Node\n`);
  expect(ofImage - ofBase).toBeLessThan(6_000_000);
  const added = await shell(
    'find / -xdev -user lanacme 2> /dev/null; id -nG; cd /usr/local/lib/lanacme && ls',
  );
  expect(added.split('\n')).toEqual(
    expect.arrayContaining(['/var/lib/lanacme', 'lanacme ssl-cert', 'chunks', 'lanacme.js']),
  );
  expect(await shell('ls -d /build /usr/local/lib/lanacme/node_modules 2> /dev/null; true')).toBe('');
});

test('nothing of the program is writable for the user that it runs as', async () => {
  const command = 'find /usr/local /etc -xdev -writable ! -type l 2> /dev/null; true';
  expect(await engine().docker('run', '--rm', '--entrypoint', 'sh', image, '-c', command)).toBe('');
});

test('it is built as of the date that it is told', async () => {
  expect(await shell('grep -rho 2026-11-22T00:00:00Z /usr/local/lib/lanacme | sort -u')).toBe(
    '2026-11-22T00:00:00Z',
  );
});

test('a container without a certificate is unhealthy once its time to get one is over', async () => {
  // Docker takes 0s for: as the image has it.
  const soon = ['--health-interval', '1s', '--health-retries', '1', '--health-start-period', '1ms'];
  const id = await engine().docker('run', '--detach', ...alone, ...soon, image);
  const health = async (): Promise<string> => await inspect(id, '{{.State.Health.Status}}');
  await eventually(
    async () => (await health()) === 'unhealthy',
    async () => await engine().docker('logs', id),
  );
  expect(await inspect(id, '{{(index .State.Health.Log 0).Output}}')).toContain('no certificate');
  await engine().docker('stop', id);
});
