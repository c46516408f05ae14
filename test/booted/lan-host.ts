/**
 * A host of the LAN as its administrator sets it up: Debian, our package, a device key and an env file. The world that it
 * talks to (a CA, a small AWS) is on the loopback that they share.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { freePorts } from '../support/free-ports.ts';
import { windowUnderWay } from '../support/window-under-way.ts';
import { startWorld, type World, type WorldOptions } from '../world/world.ts';
import { type Debian, type DebianOptions, useDebian } from './debian.ts';
import { packageOf } from './packages.ts';

export interface LanHost {
  readonly debian: Debian;
  readonly world: World;
  /** On the loopback, for its nginx. */
  readonly port: number;
  /** The lines of a working env file; a change to `undefined` takes one away. The files in them are in place. */
  envFile(changes?: Readonly<Record<string, string | undefined>>): Promise<string>;
  /** `apt-get install` of our package; returns what that prints. */
  install(version?: string): Promise<string>;
  /** All that the README says up to the first certificate. */
  setUp(changes?: Readonly<Record<string, string | undefined>>): Promise<void>;
  /** Lets nginx serve `live/NAME`. */
  serve(name: string): Promise<void>;
  /** The timer comes every other second from now on, as `systemctl edit` would have it; it is not enabled by this. */
  hasten(): Promise<void>;
  /** Returns once no run is under way, nor about to begin. */
  settle(): Promise<void>;
  /** The same, after it has stopped the timer. */
  rest(): Promise<void>;
  /** From now on the CA says that the live certificate should have been renewed, and it is asked by the next run. */
  makeDue(name: string): Promise<void>;
  /** `fullchain.pem` of the live version, as root reads it. */
  certificate(name: string): Promise<string>;
  /** Waits until that is another than this one. */
  untilReplaced(name: string, pem: string): Promise<void>;
}

/** A booted Debian beside a world, for a test file. Nothing is installed at first. */
export function useLanHost(options: WorldOptions = {}, system: DebianOptions = {}): LanHost {
  const debian = useDebian(system);
  let [world, port]: [World | undefined, number] = [undefined, 0];
  beforeAll(async () => {
    world = await startWorld({ route53: { rateLimit: 'none' }, ...options });
    [port = 0] = await freePorts(1);
  });
  afterAll(async () => {
    await world?.stop();
  });
  const theWorld = (): World => {
    if (world === undefined) throw new Error('there is a world only while a test runs');
    return world;
  };
  const host: LanHost = {
    get debian() {
      return debian();
    },
    get world() {
      return theWorld();
    },
    get port() {
      return port;
    },
    envFile: async (changes) => await envFile(debian(), theWorld(), changes),
    async install(version = packageJson.version) {
      const made = await packageOf(version);
      const inside = `/root/${basename(made)}`;
      await debian().write(inside, await readFile(made));
      return await debian().sh(`DEBIAN_FRONTEND=noninteractive apt-get install --yes ${inside} 2>&1`);
    },
    async setUp(changes) {
      await host.install();
      await debian().sh('cat > /etc/lanacme/lanacme.env', await host.envFile(changes));
    },
    async serve(name) {
      await debian().write('/etc/nginx/sites-available/lan', site(name, port));
      await debian().sh('ln -sf ../sites-available/lan /etc/nginx/sites-enabled/ && systemctl reload nginx');
    },
    async hasten() {
      await debian().write('/etc/systemd/system/lanacme-renew.timer.d/often.conf', often);
      await debian().sh('systemctl daemon-reload');
    },
    async settle() {
      const busy = "systemctl list-units --plain --no-legend --state=activating,deactivating 'lanacme-*'";
      // In this order: what was to be started while the first was asked is seen by the second. No answer is no rest.
      await debian().until(
        `units=$(${busy}) && jobs=$(systemctl list-jobs --no-legend 'lanacme-*') && test -z "$units$jobs"`,
      );
    },
    async rest() {
      await debian().sh('systemctl stop lanacme-renew.timer');
      await host.settle();
    },
    async makeDue(name) {
      await host.rest();
      await theWorld().pebble.setRenewalInfo(await host.certificate(name), windowUnderWay());
      await forgetSuggestion(debian(), name);
      await debian().sh('systemctl start lanacme-renew.timer');
    },
    certificate: async (name) => await debian().sh(`cat ${fullchain(name)}`),
    async untilReplaced(name, pem) {
      await debian().until(`test "$(cat ${fullchain(name)})" != '${pem}'`);
    },
  };
  return host;
}

async function envFile(
  debian: Debian,
  world: World,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const { host } = world;
  await debian.write('/etc/lanacme/device.key', await readFile(host.keyFile), 0o600);
  await debian.sh('chown lanacme: /etc/lanacme/device.key');
  const lines: Record<string, string> = {};
  const wanted = host.environment({
    LANACME_STATE_DIR: '/var/lib/lanacme',
    [keyVariable[world.identity]]: '/etc/lanacme/device.key',
    LANACME_DEPLOY_HOOK: 'systemctl reload nginx',
    ...changes,
  });
  for (const [name, value] of Object.entries(wanted)) {
    const isOutside = value.startsWith(world.folder);
    lines[name] = isOutside ? `/etc/lanacme/${basename(value)}` : value;
    if (isOutside) await debian.write(lines[name], await readFile(value));
  }
  return Object.entries(lines)
    .map((line) => `${line.join('=')}\n`)
    .join('');
}

const keyVariable = { iot: 'LANACME_IOT_KEY', 'roles-anywhere': 'LANACME_ROLES_ANYWHERE_KEY' } as const;

function fullchain(name: string): string {
  return `/var/lib/lanacme/live/${name}/fullchain.pem`;
}

function site(name: string, port: number): string {
  return `server {
  listen 127.0.0.1:${port} ssl;
  server_name ${name};
  ssl_certificate     /var/lib/lanacme/live/${name}/fullchain.pem;
  ssl_certificate_key /var/lib/lanacme/live/${name}/privkey.pem;
  return 200 "${name}";
}
`;
}

const often = `[Timer]
OnCalendar=
OnCalendar=*:*:0/2
RandomizedDelaySec=0
AccuracySec=10ms
`;

/** As if the CA had never been asked: it may be asked again at once. Only the contents change, not the owners. */
async function forgetSuggestion(debian: Debian, name: string): Promise<void> {
  const file = debian.path(`/var/lib/lanacme/certificates/${name}.json`);
  const record = JSON.parse(await readFile(file, 'utf8')) as { ari?: unknown };
  delete record.ari;
  await writeFile(file, JSON.stringify(record));
  await debian.sh('rm -f /var/lib/lanacme/renewals.json');
}
