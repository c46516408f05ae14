/**
 * `npm run demo`: the main job, end to end, on loopback: a real CA, a small AWS, and the built program as a person would
 * run it. It shows what happens and checks that it is what the README promises.
 */
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { treeOf } from '../support/modes.ts';
import { program } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import { diffSnapshots } from '../world/zone-store.ts';

const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const bold = (text: string): string => (color ? `\u001b[1m${text}\u001b[22m` : text);
const dim = (text: string): string => (color ? `\u001b[2m${text}\u001b[22m` : text);

const say = (text = ''): void => {
  console.log(text);
};
const heading = (text: string): void => {
  say(`\n${bold(`── ${text} ${'─'.repeat(Math.max(0, 72 - text.length))}`)}`);
};
const indent = (text: string): string => text.trimEnd().replaceAll(/^/gm, '  ');

/** What the README promises of a run, and whether it was so. */
const promises: { readonly what: string; readonly kept: boolean }[] = [];
const promise = (what: string, kept: boolean): void => {
  promises.push({ what, kept });
};

heading('the world: a small AWS and a real CA, on this machine');
const world = await startWorld({ pendingMs: 2_500 });
const stopEarly = (): void => {
  void world.stop().finally(() => {
    process.exitCode = 130;
  });
};
process.once('SIGINT', stopEarly);
process.once('SIGTERM', stopEarly);
try {
  await demonstrate(world);
} finally {
  await world.stop();
  process.off('SIGINT', stopEarly);
  process.off('SIGTERM', stopEarly);
}
heading('kept?');
for (const { what, kept } of promises) say(`  ${kept ? 'yes' : 'NO '}  ${what}`);
say();
process.exitCode = promises.every(({ kept }) => kept) ? 0 : 1;

async function demonstrate(world: World): Promise<void> {
  const { host } = world;
  const { LANACME_STATE_DIR: stateDir = '', ...settings } = host.environment();
  const envFile = join(world.folder, 'lanacme.env');
  const lines = Object.entries({ ...settings, LANACME_STATE_DIR: stateDir });
  await writeFile(envFile, lines.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 });
  say(
    indent(`Route 53                  ${world.route53.url}
name server               ${world.dns.address} (UDP and TCP)
IoT credentials provider  ${world.iot.endpoint} (mutual TLS)
CA                        ${world.pebble.directoryUrl} (Pebble)
device certificate        thing ${host.thingName}, key ${host.keyFile}`),
  );

  heading('the configuration: what an administrator writes into /etc/lanacme/lanacme.env');
  say(indent(await readFile(envFile, 'utf8')));

  heading('the zone before');
  const before = world.snapshot();
  say(indent(before));

  const hookRuns = join(world.folder, 'hook-runs');
  const hook = `echo "reloading the web server with $RENEWED_LINEAGE"; echo run >> ${hookRuns}`;
  const issue = ['issue', '--domain', '*.lan.example', '--domain', 'lan.example', '--deploy-hook', hook];
  heading('the first certificate');
  await run(issue, envFile);
  const requests = await requestsMade(world);

  heading('what is on disk');
  const tree = await treeOf(stateDir);
  say(
    indent(
      Object.entries(tree)
        .map(([path, mode]) => `${mode.padEnd(34)} ${path}`)
        .join('\n'),
    ),
  );

  const live = join(stateDir, 'live', 'lan.example');
  const certificate = new X509Certificate(await readFile(join(live, 'cert.pem')));
  heading('the certificate');
  say(
    indent(`names   ${certificate.subjectAltName ?? ''}
issuer  ${certificate.issuer}
from    ${certificate.validFrom}
until   ${certificate.validTo}`),
  );

  heading('the zone afterwards');
  const difference = diffSnapshots(before, world.snapshot());
  say(indent(difference.length === 0 ? 'as it was, byte for byte' : difference.join('\n')));

  heading('every request that was made');
  say(indent(requests));

  heading('status');
  await run(['status'], envFile);

  heading('the same again: nothing to do');
  await world.forgetRequests();
  await run(issue, envFile);
  const again = await requestsMade(world);
  say(indent(again === '' ? dim('no request to anybody') : again));

  promise(
    'the certificate is for *.lan.example and lan.example',
    certificate.subjectAltName === 'DNS:*.lan.example, DNS:lan.example',
  );
  promise('the zone is unchanged afterwards', difference.length === 0);
  promise(
    'privkey.pem is readable by its owner only (0600)',
    tree['archive/lan.example/0001/privkey.pem'] === '- 600',
  );
  promise(
    'every folder is for its owner only (0700)',
    Object.values(tree)
      .filter((mode) => mode.startsWith('d'))
      .every((mode) => mode === 'd 700'),
  );
  promise('the deploy hook ran once', (await readFile(hookRuns, 'utf8')) === 'run\n');
  promise('the second run asked nobody for anything', again === '');
}

/** Runs the built program with its output on this terminal. */
async function run(args: readonly string[], envFile: string): Promise<void> {
  const typed = args.map((arg) => (/^[\w./-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
  say(`${bold(`$ lanacme ${typed}`)}\n`);
  const child = spawn(process.execPath, [program, ...args, '--config', envFile, '--log-format', 'pretty'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', LANG: 'C.UTF-8' },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  promise(`lanacme ${args[0] ?? ''} exits with 0`, code === 0);
}

async function requestsMade(world: World): Promise<string> {
  const { acme, route53, credentials } = await world.counts();
  const lines = (service: string, counts: Readonly<Record<string, number>>): readonly string[] =>
    Object.entries(counts).map(([what, count]) => `${service.padEnd(9)}${what.padEnd(28)}${count}`);
  return [
    ...(credentials === 0 ? [] : lines('IoT', { credentials })),
    ...lines('Route 53', route53),
    ...lines('CA', acme),
  ].join('\n');
}
