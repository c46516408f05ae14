/** What tests of credentials from Roles Anywhere share: an AWS that gives them, a device with its files, and the request. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { makeRolesAnywhere, type RolesAnywhereOptions } from '../../src/io/roles-anywhere.ts';
import type { AwsCredentials } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { AwsSessions } from '../world/aws-sessions.ts';
import { type Issued, makeCa, type TestCa } from '../world/pki.ts';
import { type Profile, type TrustedRole, trustOf } from '../world/roles-anywhere-registry.ts';
import { type RolesAnywhereServer, startRolesAnywhere } from '../world/roles-anywhere-server.ts';
import type { TrustAnchor } from '../world/trust-anchor.ts';

/** Filled before each test. */
export interface RolesAnywhereScene {
  clock: FakeClock;
  log: FakeLog;
  /** The server's clock minus ours, in milliseconds. */
  ahead: number;
  readonly sessions: AwsSessions;
  server: RolesAnywhereServer;
  /** The trust anchor's. */
  ca: TestCa;
  /** What is installed at first. */
  device: Issued;
  anchor: TrustAnchor;
  role: TrustedRole;
  profile: Profile;
  file(name: string): string;
  /** With mode 0600. */
  write(name: string, content: string): Promise<string>;
  /** As `cert.pem` and `key.pem`. */
  install(issued: Issued): Promise<void>;
  ask(more?: Partial<RolesAnywhereOptions>): Promise<AwsCredentials>;
  refusalOf(more?: Partial<RolesAnywhereOptions>): Promise<LanacmeError>;
}

/** To be called at the top of a test file. */
export function useRolesAnywhere(): RolesAnywhereScene {
  let folder: TempFolder | undefined;
  const now = (): Date => new Date(at.clock.now().getTime() + at.ahead);
  const file = (name: string): string => path.join(folder?.path ?? '', name);
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(file(name), content, { mode: 0o600 });
    return file(name);
  };
  const ask: RolesAnywhereScene['ask'] = async (more = {}) =>
    await makeRolesAnywhere({
      endpoint: at.server.endpoint,
      region: at.server.region,
      trustAnchorArn: at.anchor.arn,
      profileArn: at.profile.arn,
      roleArn: at.role.arn,
      certFile: file('cert.pem'),
      keyFile: file('key.pem'),
      caBundle: file('roots.pem'),
      warn: () => undefined,
      clock: at.clock,
      random: { number: () => 0.5, hex: () => '00' },
      log: at.log,
      ...more,
    })(new AbortController().signal);
  const at = {
    ahead: 0,
    sessions: new AwsSessions({ now }),
    file,
    write,
    install: async ({ certPem, keyPem }: Issued) => {
      await write('cert.pem', certPem);
      await write('key.pem', keyPem);
    },
    ask,
    refusalOf: async (more: Partial<RolesAnywhereOptions> = {}) => {
      const error: unknown = await ask(more).then(
        () => 'it gave credentials',
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(LanacmeError);
      return error as LanacmeError;
    },
  } as RolesAnywhereScene;

  beforeAll(async () => {
    at.clock = new FakeClock(new Date().toISOString());
    at.server = await startRolesAnywhere({ sessions: at.sessions, now });
    at.ca = await makeCa();
    at.device = await at.ca.issueDevice({ commonName: 'nas.lan.example' });
  });
  afterAll(async () => {
    await at.server.close();
  });
  beforeEach(async () => {
    at.ahead = 0;
    at.clock = new FakeClock(new Date().toISOString());
    at.log = new FakeLog();
    at.server.forgetRequests();
    at.server.faults.clear();
    at.anchor = at.server.registry.addTrustAnchor([at.ca.certPem]);
    at.role = at.server.registry.addRole('lan/lanacme-dns', { trust: trustOf(at.anchor.arn), policies: [] });
    at.profile = at.server.registry.addProfile([at.role.arn]);
    folder = await makeTempFolder('roles-anywhere');
    await at.install(at.device);
    await write('roots.pem', at.server.caPem);
  });
  afterEach(async () => {
    await folder?.remove();
  });
  return at;
}
