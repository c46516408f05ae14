/** Debian's own programs that use AWS, on the booted host: its command-line interface, and AWS's SDK for Python. */
import { readFile } from 'node:fs/promises';
import type { Result } from './container.ts';
import type { LanHost } from './lan-host.ts';

/** Packages that a host with them has. */
export const awsPackages = ['awscli', 'python3-boto3'] as const;

/** What `aws` is asked, and what it says to that. */
export const zone = 'lan.example.';

type Variables = Readonly<Record<string, string>>;

/** Has this user run Debian's `aws` once, with nothing of its own to sign with but what these variables lead to. */
export async function aws(host: LanHost, user: string, variables: Variables): Promise<Result> {
  const asked = 'list-hosted-zones-by-name --dns-name lan.example --query HostedZones[0].Name --output text';
  return await runAs(host, user, variables, `aws route53 ${asked}`);
}

/** The same until so many seconds after the first answer, in one program with boto3: `ZONE SESSIONS` is what it prints. */
export async function boto3(
  host: LanHost,
  user: string,
  variables: Variables,
  seconds: number,
): Promise<Result> {
  const program = '/usr/local/lib/aws-client.py';
  await host.debian.write(program, await readFile(new URL('aws-client.py', import.meta.url)));
  return await runAs(host, user, variables, `python3 ${program} ${seconds}`);
}

async function runAs(host: LanHost, user: string, variables: Variables, command: string): Promise<Result> {
  const all: Variables = {
    HOME: '/nonexistent',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ENDPOINT_URL_ROUTE_53: host.world.route53.url,
    ...variables,
  };
  const set = Object.entries(all).map(([name, value]) => `'${name}=${value}'`);
  return await host.debian.attempt(`runuser -u ${user} -- env ${set.join(' ')} ${command}`);
}

/** Sessions that end while a test looks on; of an hour again without a number. */
export function sessionsOf(host: LanHost, seconds = 3600): void {
  host.world.iot.registry.setAlias('lanacme', {
    roleName: 'LanAcme',
    durationSeconds: seconds,
    policies: [
      {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'route53:ListHostedZonesByName', Resource: '*' }],
      },
    ],
  });
}
