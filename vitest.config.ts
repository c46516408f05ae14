import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { isLong } from './test/support/long-form.ts';

/** The first Pebble on a machine is a download of some megabytes; RSA keys take their time on a busy core. */
const patient = {
  testTimeout: 60_000,
  hookTimeout: 240_000,
  teardownTimeout: 20_000,
  // What a test waits for, with `expect.poll`, may take its time too: Vitest's own limit is one second.
  expect: { poll: { timeout: 50_000 } },
};

/** The AWS SDK's notice about Node 20, which would be printed in the middle of the results. */
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/** Tests of the built program: they run what `npm run build` makes. */
const ofTheProgram = ['test/scenarios/**/*.test.ts', 'test/support/run-lanacme.test.ts'];

/**
 * Of these, those that trade an identity for credentials on their way: run for each kind of it. Those to which the kind
 * makes the least difference only where all is done in its long form.
 */
const ofEachIdentity = [
  ...['renew', 'faults/faults', 'credentials-secrets', 'credentials-serve'],
  ...(isLong ? ['issue', 'cleanup', 'rights', 'proxy', 'secrets', 'kill', 'signals', 'lost-run'] : []),
].map((name) => `test/scenarios/${name}.test.ts`);

/** They touch nothing but their own values and folders. */
const pure = ['core', 'config', 'cli', 'flows'].map((folder) => `test/${folder}/**/*.test.ts`);

/**
 * They change what a process has once: its environment, its clock, its signals, the cache of its modules. `world` is there
 * because acme-client, which it uses as it comes, is given another transport by src.
 */
const alone = [
  ...['io/clock', 'io/hooks', 'io/lock', 'io/log', 'io/signals', 'io/state-folder'],
  ...['packaging/file-tree', 'support/long-form', 'world/world'],
].map((name) => `test/${name}.test.ts`);

/** What `npm run test:root` runs. */
const ofRoot = ['test/booted/**', 'test/docker/**'];

/** The files that take longest, which would else be begun last, since some of them are small. */
const longest = [
  'faults',
  'issue',
  'secrets',
  'signals',
  'terminal',
  'credentials',
  'renew',
  'as-root',
  'credentials-end',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
      return found < 0 ? longest.length : found;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Two cores are what CI has, and a third of the time they would wait for servers. A process for each file, and the
    // libraries loaded anew in each, would cost a tenth of all the work: only those have one that need it.
    pool: 'forks',
    maxWorkers: 3,
    projects: [
      { test: { name: 'pure', include: pure, isolate: false, env, ...patient } },
      {
        test: {
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: [...pure, ...alone, ...ofTheProgram, ...ofRoot],
          isolate: false,
          env,
          ...patient,
        },
      },
      { test: { name: 'alone', include: alone, env, ...patient } },
      {
        test: {
          name: 'program',
          include: ofTheProgram,
          isolate: false,
          globalSetup: 'test/support/build-once.ts',
          env,
          ...patient,
        },
      },
      {
        test: {
          name: 'roles-anywhere',
          include: ofEachIdentity,
          isolate: false,
          globalSetup: 'test/support/build-once.ts',
          // Else hosts have certificates of AWS IoT.
          env: { ...env, TEST_IDENTITY: 'roles-anywhere' },
          ...patient,
        },
      },
    ],
  },
});
