/** Pebble in a container, where Debian's package cannot be had. It shares the network of this machine, as a process does. */
import { access } from 'node:fs/promises';
import type * as Testcontainers from 'testcontainers';
import { keepLines, type PebbleRun, type RunPebble } from './pebble-run.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `PROCESS.NUMBER` of whoever started the container: so what a test that was killed has left can be told. */
const startedBy = 'lanacme-test.started-by';
let count = 0;

/** The image that the variable PEBBLE_IMAGE names, else the public one. */
function pebbleImage(env: Environment = process.env): string {
  const named = env['PEBBLE_IMAGE'] ?? '';
  return named === '' ? 'ghcr.io/letsencrypt/pebble:2.10.1' : named;
}

/** The image, once an engine has it; throws unless there is an engine, and it has the image or gets it. */
export async function imageOnEngine(image: string = pebbleImage()): Promise<string> {
  await requireEngine();
  const { getContainerRuntimeClient, ImageName } = await testcontainers();
  const client = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  if (!(await client.image.exists(name))) await client.image.pull(name);
  return image;
}

export function runContainer(image: string): RunPebble {
  return async (args, env, folder) => {
    const { GenericContainer: Container } = await testcontainers();
    await removeContainers(isLeftOver);
    count += 1;
    const mark = `${process.pid}.${count}`;
    const log: string[] = [];
    let hasEnded = false;
    const container = new Container(image)
      .withCommand([...args])
      .withEnvironment({ ...env })
      .withCopyDirectoriesToContainer([{ source: folder, target: folder }])
      // Our name server, and the ports that its clients expect, are on the loopback of this machine.
      .withNetworkMode('host')
      .withLabels({ [startedBy]: mark })
      .withLogConsumer((stream) => {
        keepLines(stream, log);
        stream.on('end', () => {
          hasEnded = true;
        });
      });
    return await started(container, mark, log, () => hasEnded);
  };
}

async function started(
  container: Testcontainers.GenericContainer,
  mark: string,
  log: readonly string[],
  hasEnded: () => boolean,
): Promise<PebbleRun> {
  let running: Testcontainers.StartedTestContainer;
  try {
    running = await container.start();
  } catch (error) {
    await removeContainers((each) => each === mark);
    return { pid: 0, log, failure: String(error), hasEnded: true, stop: async () => undefined };
  }
  return {
    pid: await pidOf(running.getId()),
    log,
    failure: undefined,
    get hasEnded() {
      return hasEnded();
    },
    async stop() {
      await running.stop({ remove: true, removeVolumes: true });
    },
  };
}

async function pidOf(id: string): Promise<number> {
  const { getContainerRuntimeClient } = await testcontainers();
  const { container } = await getContainerRuntimeClient();
  const { State } = await container.inspect(container.getById(id));
  return State.Pid;
}

/** Those of tests, running or not, that have such a mark. */
async function removeContainers(isOne: (mark: string) => boolean): Promise<void> {
  const { getContainerRuntimeClient } = await testcontainers();
  const { container } = await getContainerRuntimeClient();
  const found = await container.dockerode.listContainers({ all: true, filters: { label: [startedBy] } });
  for (const { Id, Labels } of found) {
    if (isOne(Labels[startedBy] ?? '')) await container.getById(Id).remove({ force: true, v: true });
  }
}

/** Whether the test that started it is not there any more. */
function isLeftOver(mark: string): boolean {
  try {
    process.kill(Number.parseInt(mark), 0);
    return false;
  } catch {
    return true;
  }
}

/** Asked first, since testcontainers takes its time to load and to find nothing. */
async function requireEngine(): Promise<void> {
  if ((process.env['DOCKER_HOST'] ?? '') !== '') return;
  await access('/var/run/docker.sock').catch((cause: unknown) => {
    throw new Error('no Docker engine here', { cause });
  });
}

/** Never loaded unless it is needed: most machines have the package. */
async function testcontainers(): Promise<typeof Testcontainers> {
  // Its reaper is an image more, from a registry that may be out of reach: what is left over is removed above.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
  return await import('testcontainers');
}
