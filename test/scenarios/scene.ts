/** What tests of `issue` share: a world for the file, a host of its own for each test, and the command. */
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { fastTime } from '../support/fast-time.ts';
import { type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World, type WorldOptions } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

export interface Scene {
  readonly world: World;
  readonly host: Host;
  /** `lanacme issue` on that host, told so much more or less. */
  issue(
    args: readonly string[],
    changes?: Readonly<Record<string, string | undefined>>,
  ): Promise<LanacmeResult>;
}

/** Sleeps of the program take a tenth of their time; its clock moves by the whole. */
const time = fastTime({ skips: 10 });

/** To be called at the top of a test file: what it returns is filled before each test. */
export function useScene(
  always: Readonly<Record<string, string>> = {},
  options: Pick<WorldOptions, 'pebble' | 'identity'> = {},
): Scene {
  let [world, host]: [World | undefined, Host | undefined] = [undefined, undefined];
  let hosts = 0;
  beforeAll(async () => {
    world = await startWorld({ pendingMs: 200, route53: { rateLimit: 'none' }, ...options });
  });
  afterAll(async () => {
    await world?.stop();
  });
  const scene: Scene = {
    get world() {
      return world ?? tooEarly();
    },
    get host() {
      return host ?? tooEarly();
    },
    issue: async (args, changes = {}) =>
      await runLanacme(['issue', ...args], {
        env: { ...scene.host.environment({ ...always, ...changes }), ...time.env },
        nodeArgs: time.nodeArgs,
      }),
  };
  beforeEach(async () => {
    hosts += 1;
    host = await scene.world.addHost({ thingName: `host-${hosts}` });
    scene.world.setPolicy('challenges of the zone');
    await scene.world.forgetRequests();
  });
  return scene;
}

function tooEarly(): never {
  throw new Error('there is a scene only while a test runs');
}
