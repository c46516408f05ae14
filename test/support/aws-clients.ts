/** Programs of others that use AWS, as processes of their own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type AwsClient = 'the SDK for JavaScript' | 'boto3';

type Environment = Readonly<Record<string, string>>;

const script = fileURLToPath(new URL('aws-client.mjs', import.meta.url));

const python = `
import sys, boto3
client = boto3.client('route53', region_name='us-east-1')
for _ in range(int(sys.argv[1])):
    print(client.list_hosted_zones_by_name(DNSName='lan.example')['HostedZones'][0]['Name'])
`;

const commands: Readonly<Record<AwsClient, readonly [string, ...string[]]>> = {
  'the SDK for JavaScript': [process.execPath, script],
  boto3: ['python3', '-c', python],
};

/** Those that this machine has; boto3 is Debian's python3-boto3. */
export function awsClients(): readonly AwsClient[] {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore' });
    return ['the SDK for JavaScript', 'boto3'];
  } catch {
    return ['the SDK for JavaScript'];
  }
}

/** What a program is told that has nothing of its own to sign with; the rest is `changes`. */
export function clientEnvironment(changes: Environment): Environment {
  const { PATH = '' } = process.env;
  return {
    PATH,
    HOME: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...changes,
  };
}

/** The command that asks for the zone so often. */
export function clientCommand(client: AwsClient, times: number): readonly [string, readonly string[]] {
  const [file, ...args] = commands[client];
  return [file, [...args, String(times)]];
}
