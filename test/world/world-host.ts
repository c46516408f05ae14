/** A host of the world: a certificate and a key on disk that are its identity at AWS, and what lanacme is told there. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IotCredentialsServer } from './iot-credentials-server.ts';
import type { DeviceCertificate } from './iot-registry.ts';
import { daysFromNow, type TestCa, type TestKeyType } from './pki.ts';
import type { Identity } from './world-policies.ts';

export interface HostOptions {
  /** Default `dashboard`. With Roles Anywhere its certificate is of this name in the zone. */
  readonly thingName?: string;
  readonly keyType?: TestKeyType;
  /** Default: any alias. */
  readonly allowedAliases?: readonly string[];
}

type Environment = Readonly<Record<string, string>>;

export interface Host {
  readonly thingName: string;
  readonly certFile: string;
  /** 0600 */
  readonly keyFile: string;
  /** Does not exist at first. */
  readonly stateDir: string;
  /** As AWS IoT knows it; may be changed. */
  readonly certificate: DeviceCertificate;
  /** The variables of a working set-up. A change to `undefined` takes one away. */
  environment(changes?: Readonly<Record<string, string | undefined>>): Environment;
  /** The same as flags, but for what can only be a variable: see `variablesOnly`. */
  flags(changes?: Readonly<Record<string, string | undefined>>): readonly string[];
  /** What has to be in the environment when the rest is given as flags. */
  variablesOnly(): Environment;
}

export interface Surroundings {
  readonly folder: string;
  readonly zoneName: string;
  readonly identity: Identity;
  readonly iot: IotCredentialsServer;
  readonly deviceCa: TestCa;
  /** Variables that all hosts have alike. */
  readonly common: Environment;
}

export async function addHost(
  { folder, zoneName, identity, iot, deviceCa, common }: Surroundings,
  options: HostOptions,
): Promise<Host> {
  const thingName = options.thingName ?? 'dashboard';
  const own = join(folder, 'hosts', thingName);
  await mkdir(own, { recursive: true });
  const { certPem, keyPem } = await deviceCa.issueDevice({
    keyType: options.keyType ?? 'ec256',
    // As long as those of real devices: `status` warns of one that ends within 30 days.
    validity: daysFromNow(365),
    ...(identity === 'iot' ? {} : { commonName: `${thingName}.${zoneName}` }),
  });
  const [certFile, keyFile] = [join(own, 'device.pem'), join(own, 'device-key.pem')];
  await writeFile(certFile, certPem, { flag: 'wx' });
  await writeFile(keyFile, keyPem, { flag: 'wx', mode: 0o600 });
  const certificate = iot.registry.addCertificate(certPem, {
    things: { [thingName]: undefined },
    allowedAliases: options.allowedAliases ?? ['*'],
  });
  const stateDir = join(own, 'state');
  const all: Environment = {
    ...common,
    ...(identity === 'iot'
      ? { LANACME_IOT_THING_NAME: thingName, LANACME_IOT_CERT: certFile, LANACME_IOT_KEY: keyFile }
      : { LANACME_ROLES_ANYWHERE_CERT: certFile, LANACME_ROLES_ANYWHERE_KEY: keyFile }),
    LANACME_STATE_DIR: stateDir,
  };
  const environment: Host['environment'] = (changes = {}) =>
    Object.fromEntries(
      Object.entries({ ...all, ...changes }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    );
  return {
    thingName,
    certFile,
    keyFile,
    stateDir,
    certificate,
    environment,
    flags: (changes) =>
      Object.entries(environment(changes)).flatMap(([name, value]) =>
        isSetting(name) ? [`${flagOf(name)}=${value}`] : [],
      ),
    variablesOnly: () => Object.fromEntries(Object.entries(all).filter(([name]) => !isSetting(name))),
  };
}

function isSetting(name: string): boolean {
  return name.startsWith('LANACME_');
}

/** `LANACME_ZONE_ID` is `--zone-id`. */
function flagOf(variable: string): string {
  return `--${variable.slice('LANACME_'.length).toLowerCase().replaceAll('_', '-')}`;
}
