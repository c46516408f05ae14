/** Programs of others that use AWS, as processes of their own. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { boto3Environment } from './boto3.ts';
import { endChild, killWithUs } from './child-process.ts';

export const awsClients = ['the SDK for JavaScript', 'boto3'] as const;
export type AwsClient = (typeof awsClients)[number];

type Environment = Readonly<Record<string, string>>;

export interface RunningClient {
  /** Has it ask for lan.example: the zone's name, or `refused:` and why. */
  ask(): Promise<string>;
  end(): Promise<void>;
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

/** One that runs on, as servers do, once it is loaded. @throws with the line that gets boto3, if that cannot be had. */
export async function startClient(client: AwsClient, changes: Environment): Promise<RunningClient> {
  const isPython = client === 'boto3';
  const script = fileURLToPath(new URL(`aws-client.${isPython ? 'py' : 'mjs'}`, import.meta.url));
  const env = clientEnvironment({ ...(isPython ? await boto3Environment() : {}), ...changes });
  const child = spawn(isPython ? 'python3' : process.execPath, [script], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const letGo = killWithUs(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error(`${client} has ended`);
    return line.value;
  };
  await nextLine();
  return {
    async ask() {
      child.stdin.write('lan.example\n');
      return await nextLine();
    },
    async end() {
      child.stdin.end();
      await endChild(child);
      letGo();
    },
  };
}

/** What one that starts anew is told, asking so often. */
export async function askByClient(
  client: AwsClient,
  times: number,
  changes: Environment,
): Promise<readonly string[]> {
  const running = await startClient(client, changes);
  try {
    const told: string[] = [];
    for (let asked = 0; asked < times; asked += 1) told.push(await running.ask());
    return told;
  } finally {
    await running.end();
  }
}
