/** The built program runs on every Node that it promises, and says nothing there but its own words. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { isLong } from '../support/long-form.ts';
import { distFolder, runLanacme } from '../support/run-lanacme.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { nodeBinary, nodeVersions } from '../world/node-versions.ts';
import { startWorld, type World } from '../world/world.ts';

let world: World;
let elsewhere: TempFolder;

beforeAll(async () => {
  world = await startWorld({ pendingMs: 200, route53: { rateLimit: 'none' } });
  elsewhere = await makeTempFolder('elsewhere');
  await cp(distFolder, elsewhere.path, { recursive: true });
});
afterAll(async () => {
  await elsewhere.remove();
  await world.stop();
});

/** A whole issue in lanacme's own words: a warning of Node or a notice of a library would be one line more. */
const story = [
  /^ordering a certificate: there is no certificate yet$/,
  /^traded the identity of this host for AWS credentials, kept in memory only$/,
  /^registered at the CA: account https:\S+$/,
  /^ordered \*\.lan\.example, lan\.example order=https:\S+$/,
  /^published 2 challenges in zone lan\.example change=\w+$/,
  /^waiting for Route 53 to bring the change to all its servers \(INSYNC\)$/,
  /^the change is INSYNC$/,
  /^1 of 1 name servers of lan\.example serve the challenge$/,
  /^waiting for the CA to validate$/,
  /^the CA has validated every name$/,
  /^waiting for the CA to issue$/,
  /^issued by Pebble \S.*, good until \S+Z$/,
  /^installed version 0001 at \/\S+$/,
  /^running the deploy hook certificate=lan\.example command="echo reloaded"$/,
  /^hook: reloaded$/,
  /^the CA suggests to renew lan\.example between \S+ and \S+ renewAt=\S+Z$/,
];

/** Comes while the CA issues: before or after what that says. */
const removal = 'removed 2 challenges from zone lan.example';

/** In the short form the oldest and the newest: what lies between has nothing that neither of them has. */
const tried = isLong
  ? nodeVersions
  : nodeVersions.filter((_, index, { length }) => index % (length - 1) === 0);
const places = ['in its place', 'copied elsewhere, without node_modules'] as const;
/** The copy is the same bytes: what it needs and lacks, the oldest Node tells. */
const runs = tried.flatMap((version, index) =>
  places
    .filter((place) => isLong || index === 0 || place === places[0])
    .map((place) => [version, place] as const),
);

describe.for(runs)('on Node %s, %s', ([version, place]) => {
  let node: string;
  let program: string;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    node = await nodeBinary(version);
    program = join(place === 'in its place' ? distFolder : elsewhere.path, 'lanacme.js');
    const host = await world.addHost({
      thingName: `node-${version.split('.')[0] ?? ''}-${places.indexOf(place)}`,
    });
    env = host.environment({ LANACME_LOG_FORMAT: 'pretty' });
  });

  test('--version is one line', async () => {
    const result = await runLanacme(['--version'], { node, program });
    expect(result).toMatchObject({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
  });

  test('issue, then status, with nothing on the screen but their own words', async () => {
    const args = ['issue', '--domain', '*.lan.example,lan.example', '--deploy-hook', 'echo reloaded'];
    const { code, stderr } = await runLanacme(args, { node, program, env });
    const lines = stderr.trimEnd().split('\n');
    expect(lines.filter((line) => line === removal)).toHaveLength(1);
    expect(lines.filter((line) => line !== removal)).toEqual(
      story.map((line) => expect.stringMatching(line) as string),
    );
    expect(code).toBe(0);

    const status = await runLanacme(['status', '--json'], { node, program, env });
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(status.stdout)).toMatchObject({
      certificates: [{ name: 'lan.example', deployed: true, error: null }],
      errors: [],
    });
  });
});
