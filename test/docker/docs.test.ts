/** docs/docker.md by the letter: its compose file, with a world in place of AWS and Let's Encrypt. */
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { variableOf } from '../../src/config/setting.ts';
import { settings } from '../../src/config/settings.ts';
import { run } from '../support/child-process.ts';
import { freePorts } from '../support/free-ports.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { tlsLeaf } from '../support/tls-leaf.ts';
import { baseImages } from './base-images.ts';
import { composeFile, composeProject, eventually, type Project } from './compose.ts';
import { useEngine } from './engine.ts';

const engine = useEngine();
const docker = join(composeFile, '..');
const servername = 'nas.lan.example';
const image = 'lanacme-test/documented';
let folder: TempFolder;
let [world, project]: [Project | undefined, Project | undefined] = [undefined, undefined];
let port = 0;

async function readPage(): Promise<string> {
  return await readFile(join(docker, '../docs/docker.md'), 'utf8');
}

/** The line of the page that begins so and goes on like that: what comes after the beginning. */
async function typed(beginning: string, like: string): Promise<string> {
  const found = new RegExp(`^${beginning} (${like})$`, 'm').exec(await readPage())?.[1];
  if (found === undefined) throw new Error(`the page has no ${beginning} ${like}`);
  return found;
}

/** The block of the page that is called this. */
async function block(name: string): Promise<string> {
  const page = await readPage();
  const found = new RegExp(`\`\`\`yaml\\n# ${name}\\n(.*?)\`\`\``, 's').exec(page)?.[1];
  if (found === undefined) throw new Error(`the page has no ${name}`);
  return found;
}

/** What is different here: names of images, a port that anybody may have, and where AWS and the CA are. */
function here(documented: string, nginx: string): string {
  const changes = {
    'image: lanacme': `image: ${image}`,
    'image: nginx:stable': `image: ${nginx}`,
    "'443:8443'": `'127.0.0.1:${port}:8443'`,
    'interval: 1m': 'interval: 2s',
    'LANACME_IOT_THING_NAME: nas': 'LANACME_IOT_THING_NAME: dashboard',
    'c0123456789abc.credentials.iot.eu-central-1.amazonaws.com': `world:8443
      LANACME_IOT_CA: /etc/lanacme/iot-ca.pem
      LANACME_SERVER: https://pebble:14000/dir
      LANACME_SERVER_CA: /etc/lanacme/acme-ca.pem
      LANACME_NAME_SERVERS: world:8053
      AWS_ENDPOINT_URL_ROUTE_53: http://world:8080`,
    '    volumes:\n      - certificates:/var/lib/lanacme\n': `    volumes:
      - certificates:/var/lib/lanacme
      - ./iot-ca.pem:/etc/lanacme/iot-ca.pem:ro
      - ./acme-ca.pem:/etc/lanacme/acme-ca.pem:ro
`,
  };
  return Object.entries(changes).reduce((text, [ours, theirs]) => {
    expect(text.split(ours)).toHaveLength(2);
    return text.replace(ours, theirs);
  }, documented);
}

beforeAll(async () => {
  folder = await makeTempFolder('docs');
  const images = await baseImages(engine());
  [port = 0] = await freePorts(1);
  const build = ['--build-arg', `NODE_IMAGE=${images.NODE_IMAGE}`, '--target', 'lanacme', '--tag', image];
  await engine().docker(
    'build',
    '--quiet',
    ...build,
    '--file',
    join(docker, 'Dockerfile'),
    join(docker, '..'),
  );
  world = await composeProject('Compose 2', engine(), images);
  await world.up('world', 'pebble');
  const id = await world.container('world');
  const files = { 'device.pem': '', 'device-key.pem': 'device.key', 'iot-ca.pem': '', 'acme-ca.pem': '' };
  for (const [there, as] of Object.entries(files))
    await engine().docker('cp', `${id}:/device/${there}`, join(folder.path, as));
  await run('sh', ['-c', await typed('sudo', 'install .*')], { cwd: folder.path });
  for (const each of ['nginx.conf', 'nginx-reloading.sh'])
    await copyFile(join(docker, each), join(folder.path, each));
  const file = join(folder.path, 'compose.yaml');
  await writeFile(file, here(await block('compose.yaml'), images.NGINX_IMAGE));
  project = await composeProject('Compose 2', engine(), images, [file]);
});
afterAll(async () => {
  await project?.down();
  await world?.down();
  await folder.remove();
});

test('its compose file brings up a server with a certificate', async () => {
  await project?.compose('up', '--detach');
  const log = async (): Promise<string> => (await project?.compose('logs', '--no-color')) ?? '';
  const served = async (): Promise<boolean> =>
    await tlsLeaf({ port, servername }).then(
      ({ subjectAltName }) => subjectAltName === `DNS:${servername}`,
      () => false,
    );
  await eventually(served, log);
});

test('a further certificate is ordered as it says, and kept with the first', async () => {
  const command = await typed('docker compose exec lanacme', 'lanacme issue .*');
  await project?.execute('lanacme', ...command.split(' '));
  const status = (await project?.execute('lanacme', 'lanacme', 'status')) ?? '';
  expect(status).toMatch(/^nas\.lan\.example {2}good for/m);
  expect(status).toMatch(/^www\.lan\.example {2}good for/m);
});

test('every variable on the page is one of lanacme', async () => {
  const page = await readPage();
  const known = new Set(Array.from(settings.keys(), variableOf));
  expect(
    [...page.matchAll(/\bLANACME_[A-Z_]+\b/g)].map(([name]) => name).filter((name) => !known.has(name)),
  ).toEqual([]);
});
