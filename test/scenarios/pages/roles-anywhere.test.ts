/** docs/roles-anywhere.md by the letter: its CA, its policies, its hosts, and the strict world in the place of AWS. */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../support/child-process.ts';
import { makePageShell, type PageShell } from '../../support/page-shell.ts';
import { blocksOf, readBlocks } from '../../support/pages.ts';
import { type LanacmeResult, runLanacme } from '../../support/run-lanacme.ts';
import type { PolicyDocument } from '../../world/iam-policy.ts';
import type { TrustStatement } from '../../world/roles-anywhere-registry.ts';
import { useScene } from '../scene.ts';

const scene = useScene({}, { identity: 'roles-anywhere' });
const page = await readBlocks('roles-anywhere.md');
const zoneIdOfPage = 'Z0123456789EXAMPLE';

let shell: PageShell;
/** The machine with the CA. */
let ca: string;

beforeAll(async () => {
  shell = await makePageShell();
  ca = join(shell.path, 'lan-ca');
  const { trustAnchor, profile } = scene.world.rolesAnywhere;
  await shell.answerOfAws({ 'create-trust-anchor': trustAnchor.arn, 'create-profile': profile.arn });
});
afterAll(async () => {
  await shell.remove();
});

/** What a section has to be typed, from this one of its blocks to before that one. */
function typed(title: string, from = 0, until = Infinity): string {
  return blocksOf(page, title, 'sh')
    .slice(from, until)
    .map(({ text }) => text)
    .join('');
}

const sign = typed('Each host', 1, 2);

/** The request on the host, the signature where the CA is, and back. */
async function signAndInstall(request: string, install: string): Promise<void> {
  await shell.type(request);
  await copyFile(join(shell.path, 'dashboard.csr'), join(ca, 'dashboard.csr'));
  await shell.type(sign, ca);
  await copyFile(join(ca, 'dashboard.pem'), join(shell.path, 'dashboard.pem'));
  await shell.type(install);
}

/** The lines of the page's env file, with the world's zone and objects; and where its CA and its AWS are. */
async function envFile(): Promise<string> {
  const { world, host } = scene;
  const [{ text } = { text: '' }] = blocksOf(page, 'Each host', 'ini');
  const { trustAnchor, profile, role } = world.rolesAnywhere;
  const lines = shell
    .here(text)
    .replace('/var/lib/lanacme', host.stateDir)
    .replace(zoneIdOfPage, world.zone.id)
    .replace(/arn:\S+:trust-anchor\/\S+/, trustAnchor.arn)
    .replace(/arn:\S+:profile\/\S+/, profile.arn)
    .replace(/arn:\S+:role\/\S+/, role.arn);
  const ofTheWorld = /^(LANACME_(SERVER|SERVER_CA|NAME_SERVERS|ROLES_ANYWHERE_ENDPOINT)|AWS_\w+)$/;
  const more = Object.entries(host.environment()).filter(([variable]) => ofTheWorld.test(variable));
  const file = join(shell.path, 'lanacme.env');
  await writeFile(file, lines + more.map((entry) => `${entry.join('=')}\n`).join(''));
  return file;
}

const lanacme = async (...args: readonly string[]): Promise<LanacmeResult> =>
  await runLanacme([...args, '--config', await envFile()]);

async function expectNotLetIn(): Promise<void> {
  const { code, stdout } = await lanacme('credentials', '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ errors: [{ code: 'credentials.role-not-assumable' }] });
}

test('a CA, a role, a profile and a host, by their lines, get a certificate for the name of that host alone', async () => {
  await shell.type(typed('The CA'));
  const said = await shell.type(typed('The trust anchor, the role, the profile'), ca);
  const { trustAnchor, profile, role } = scene.world.rolesAnywhere;
  expect(said).toBe(`${trustAnchor.arn} ${profile.arn}\n`);

  const source = (await shell.toldToAws('create-trust-anchor'))('--source');
  const [, pem = ''] =
    /^sourceType=CERTIFICATE_BUNDLE,sourceData=\{x509CertificateData=(.*)\}$/s.exec(source) ?? [];
  trustAnchor.certificates = [pem];
  const trust = (await shell.toldToAws('create-role'))('--assume-role-policy-document');
  role.trust = (JSON.parse(trust) as { readonly Statement: readonly TrustStatement[] }).Statement;
  const policy = (await shell.toldToAws('put-role-policy'))('--policy-document');
  role.policies = [JSON.parse(policy.replace(zoneIdOfPage, scene.world.zone.id)) as PolicyDocument];
  expect((await shell.toldToAws('create-profile'))('--role-arns')).toMatch(/:role\/lanacme$/);

  await signAndInstall(typed('Each host', 0, 1), typed('Each host', 2, 3));
  const look = typed('Each host', 3);
  expect(await shell.type(look, shell.path, { LANACME_CONFIG: await envFile() })).toBe('yes\n');
  expect(await lanacme('issue', '--domain', 'dashboard.lan.example')).toMatchObject({ code: 0 });
  expect(scene.world.snapshot()).not.toContain('_acme-challenge');
  const other = await lanacme('issue', '--domain', 'nas.lan.example', '--json');
  expect(other.code).toBe(1);
  expect(JSON.parse(other.stdout)).toMatchObject({ errors: [{ code: 'route53.access-denied' }] });
});

test('a name outside the zone is not let in, although the CA has signed it', async () => {
  await shell.type(sign.replaceAll('CN=dashboard.lan.example', 'CN=dashboard.wlan.example'), ca);
  await copyFile(join(ca, 'dashboard.pem'), join(shell.etc, 'identity.pem'));
  await expectNotLetIn();
});

test('a new certificate is used by the next session', async () => {
  const title = 'A new certificate for a host';
  await signAndInstall(typed(title, 0, 1), typed(title, 1));
  // What the page makes is nothing to be warned of.
  expect(await lanacme('credentials')).toMatchObject({ code: 0, stderr: '' });
  const serial = await run('openssl', ['x509', '-in', 'dashboard.pem', '-noout', '-serial'], { cwd: ca });
  const { requests } = scene.world.rolesAnywhere.server;
  expect(requests.map(({ serialNumber }) => `serial=${serialNumber?.toUpperCase() ?? ''}\n`)).toEqual([
    serial,
  ]);
});

test('a host that is lost is let in no more', async () => {
  const { role } = scene.world.rolesAnywhere;
  const [{ text } = { text: '' }] = blocksOf(page, 'A host is lost', 'json');
  const trust = role.trust;
  role.trust = [...trust, JSON.parse(text) as TrustStatement];
  try {
    await expectNotLetIn();
  } finally {
    role.trust = trust;
  }
});

test('a certificate of a lost key stands in the list that is made, another of the same name does not', async () => {
  const revoke = typed('A host is lost', 1, 2);
  const verify = ['verify', '-crl_check', '-CRLfile', 'lost.crl', '-CAfile', 'ca.pem'];
  await shell.type(`${revoke}anchor=ARN\n${typed('A host is lost', 2, 3)}`, ca);
  expect((await shell.toldToAws('import-crl'))('--crl-data')).toBe('fileb://lost.crl');
  await expect(run('openssl', [...verify, 'dashboard.pem'], { cwd: ca })).rejects.toThrow('revoked');
  await shell.type(sign, ca);
  expect(await run('openssl', [...verify, 'dashboard.pem'], { cwd: ca })).toContain('OK');
  // A second time.
  await shell.type(revoke, ca);
  await expect(run('openssl', [...verify, 'dashboard.pem'], { cwd: ca })).rejects.toThrow('revoked');
});
