/**
 * The small AWS as a service of docker/compose.yaml: Route 53 with its name server, the IoT credentials provider with one
 * thing, and in two folders what the others are given: a device certificate, and the configuration of Pebble.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsSessions } from '../world/aws-sessions.ts';
import { startDns } from '../world/dns-server.ts';
import { type IotCredentialsServer, startIotCredentials } from '../world/iot-credentials-server.ts';
import { type Issued, makeCa } from '../world/pki.ts';
import { startRoute53 } from '../world/route53-server.ts';
import { policyFor } from '../world/world-policies.ts';
import { ZoneStore } from '../world/zone-store.ts';

/** Of the container: each is a volume, which outlives it. */
const [deviceFolder, pebbleFolder] = ['/device', '/pebble'];
const zone = { name: 'lan.example', id: 'Z0123456789EXAMPLE' };
const everywhere = '0.0.0.0';

const store = new ZoneStore({ delayMs: 2_000 });
store.addZone(zone);
store.onChange(({ by, changes }) => {
  for (const { action, recordSet } of changes)
    say(`Route 53: ${action} ${recordSet.type} ${recordSet.name} by ${by}`);
});
const sessions = new AwsSessions();
const route53 = await startRoute53({ store, sessions, address: everywhere, port: 8080 });
const dns = await startDns({ store, host: everywhere, port: 8053 });
const iot = await startIotCredentials({ sessions, host: 'world', address: everywhere, port: 8443 });
iot.registry.setAlias('lanacme', {
  roleName: 'LanAcme',
  policies: [policyFor('challenges of the zone', zone)],
});
await makeDevice(iot);
await configurePebble();
await writeFile('/tmp/ready', '');
say('Route 53, its name server and the IoT credentials provider are ready');

// For tests that look at a run in the middle.
process.once('SIGUSR2', () => {
  store.delayMs = Infinity;
  say('Route 53: changes stay PENDING');
});
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    for (const server of [route53, dns, iot]) void server.close();
  });
}

/** The same device after a restart, known to a provider that has forgotten it. */
async function makeDevice({ caPem, registry }: IotCredentialsServer): Promise<void> {
  await writeFile(join(deviceFolder, 'iot-ca.pem'), caPem);
  const { certPem } = await kept(deviceFolder, 'device', async () => {
    const ca = await makeCa({ commonName: 'Device test CA' });
    return await ca.issueDevice();
  });
  registry.addCertificate(certPem, { things: { dashboard: undefined }, allowedAliases: ['lanacme'] });
}

async function configurePebble(): Promise<void> {
  await kept(pebbleFolder, 'tls', async () => {
    const ca = await makeCa({ commonName: 'Pebble TLS test CA' });
    await writeFile(join(deviceFolder, 'acme-ca.pem'), ca.certPem);
    return await ca.issueServer({ names: ['pebble'] });
  });
  const pebble = {
    listenAddress: `${everywhere}:14000`,
    managementListenAddress: `${everywhere}:15000`,
    certificate: join(pebbleFolder, 'tls.pem'),
    privateKey: join(pebbleFolder, 'tls-key.pem'),
    httpPort: 5002,
    tlsPort: 5001,
    profiles: { default: { description: 'ninety days', validityPeriod: 90 * 24 * 3600 } },
  };
  await writeFile(join(pebbleFolder, 'pebble.json'), JSON.stringify({ pebble }, null, 2));
}

/** The certificate of that name, made if it is not there. */
async function kept(folder: string, name: string, make: () => Promise<Issued>): Promise<Issued> {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
  try {
    return { certPem: await readFile(certFile, 'utf8'), keyPem: await readFile(keyFile, 'utf8') };
  } catch {
    const made = await make();
    await mkdir(folder, { recursive: true });
    await writeFile(certFile, made.certPem);
    await writeFile(keyFile, made.keyPem, { mode: 0o600 });
    return made;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
