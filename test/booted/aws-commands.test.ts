/** What the pages tell people to type at AWS is what Debian's AWS CLI takes: each command, each option, each document. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { blocksOf, readBlocks } from '../support/pages.ts';
import { awsPackages } from './aws-programs.ts';
import { type AwsSink, startAwsSink } from './aws-sink.ts';
import { useDebian } from './debian.ts';

const debian = useDebian({ packages: awsPackages });
let sink: AwsSink;

beforeAll(async () => {
  sink = await startAwsSink();
});
afterAll(async () => {
  await sink.close();
});
beforeEach(() => {
  sink.forget();
});

/** Types the commands of a page's section in this folder; what others than `aws` do on a host is left out. */
async function type(page: string, title: string, folder: string, before = ''): Promise<void> {
  const blocks = blocksOf(await readBlocks(page), title, 'sh');
  // The README has lines of the env file in such a block, too.
  const lines = blocks.flatMap(({ text }) => (/^LANACME_/.test(text) ? [] : [text])).join('');
  const environment = {
    AWS_ENDPOINT_URL: sink.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_DEFAULT_REGION: 'eu-central-1',
  };
  const exports = Object.entries(environment).map((entry) => `export ${entry.join('=')}\n`);
  const quiet = 'sudo() { :; }\nlanacme() { :; }\n';
  const typed = lines.replaceAll(/(?<=-id )ID\b/g, '4c0d8b1e-5f0a-4a53-9d0f-2c1e9a7b3d64');
  await debian().sh(
    `set -eu\nmkdir -p ${folder}\ncd ${folder}\n${exports.join('')}${quiet}${before}${typed}`,
  );
}

test('the README: a zone, a role, an alias, a thing', async () => {
  const readme = await readBlocks('../README.md');
  const [policy] = blocksOf(readme, 'First set-up on AWS', 'json');
  await debian().write('/srv/set-up/policy.json', policy?.text ?? '');
  await debian().write('/tmp/device.csr', 'CSR');
  await type('../README.md', 'First set-up on AWS', '/srv/set-up');
  expect(sink.requests).toEqual([
    'POST /2013-04-01/hostedzone',
    'CreateRole',
    'PutRolePolicy',
    'POST /role-aliases/lanacme',
    'POST /policies/lanacme',
    'GET /endpoint?endpointType=iot%3ACredentialProvider',
    'POST /things/dashboard',
    'POST /certificates?setAsActive=true',
    'PUT /target-policies/lanacme',
    'PUT /things/dashboard/principals',
  ]);
});

test('Roles Anywhere: a trust anchor, a role, a profile, a host that is lost', async () => {
  await type('roles-anywhere.md', 'The CA', '/srv');
  await type('roles-anywhere.md', 'The trust anchor, the role, the profile', '/srv/lan-ca');
  const sign = 'openssl req -new -newkey rsa:2048 -nodes -subj /CN=x -keyout x.key -out dashboard.csr\n';
  await type('roles-anywhere.md', 'Each host', '/srv/lan-ca', sign);
  // Whatever name the request has: it is the CA that says who somebody is.
  const subject = await debian().sh('openssl x509 -in /srv/lan-ca/dashboard.pem -noout -subject');
  expect(subject).toBe('subject=CN=dashboard.lan.example');
  await type('roles-anywhere.md', 'A host is lost', '/srv/lan-ca', 'anchor=arn\n');
  expect(sink.requests).toEqual([
    'POST /trustanchors',
    'CreateRole',
    'PutRolePolicy',
    'POST /profiles',
    'UpdateAssumeRolePolicy',
    'POST /crls',
  ]);
});

test('credentials for other programs: a role of their own', async () => {
  await type('credentials.md', 'Which rights', '/srv/rights');
  expect(sink.requests).toEqual([
    'POST /role-aliases/backup',
    expect.stringMatching(/^PATCH \/profile\//) as string,
  ]);
});

test('names of sessions: the profile accepts them, CloudTrail is asked', async () => {
  await type('session-names.md', 'The host', '/srv/sessions');
  await type('session-names.md', 'Verify', '/srv/sessions');
  expect(sink.requests).toEqual([
    expect.stringMatching(/^PATCH \/profile\//) as string,
    'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
  ]);
});
