import { checkConfig } from '../../src/config/check.ts';
import type { BuiltCommand, Config } from '../../src/config/config.ts';
import type { Host } from '../../src/config/host.ts';
import { readSettings } from '../../src/config/read.ts';
import { Values } from '../../src/config/values.ts';
import { asLanacmeErrors } from '../../src/errors.ts';

export interface Situation {
  readonly environment?: Readonly<Record<string, string>>;
  /** Path to text; reading another path is ENOENT. */
  readonly files?: Readonly<Record<string, string | NodeJS.ErrnoException>>;
  readonly uid?: number;
  readonly isTerminal?: boolean;
  readonly names?: readonly string[];
}

export function madeHost({ environment, files = {}, uid = 1000, isTerminal = false }: Situation = {}): Host {
  return {
    environment: environment ?? { HOME: '/home/lan' },
    uid,
    workingDirectory: '/cwd',
    isTerminal,
    readFile: (path) => {
      const file = files[path] ?? nodeError('ENOENT');
      if (typeof file === 'string') return file;
      throw file;
    },
  };
}

export function nodeError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: open`), { code });
}

/** Flags as the parser gives them. */
export function flags(
  given: Readonly<Record<string, string | readonly string[]>>,
): Map<string, readonly string[]> {
  return new Map(Object.entries(given).map(([option, value]) => [option, [value].flat()]));
}

type ConfigOf<C extends BuiltCommand> = Extract<Config, { readonly command: C }>;

/** The Config of a command line; throws what the program would report. */
export async function configOf<C extends BuiltCommand>(
  command: C,
  given: Readonly<Record<string, string | readonly string[]>>,
  situation: Situation = {},
): Promise<ConfigOf<C>> {
  const host = madeHost(situation);
  const { names = [] } = situation;
  const raw = readSettings({ command, flags: flags(given), host });
  const values = new Values(command, raw, host);
  const config: Config = checkConfig({ command, names, values, raw, host, problems: values.problems });
  return config as ConfigOf<C>;
}

/** Every problem of a command line, as `code: message`. */
export async function problemsOf(
  command: BuiltCommand,
  given: Readonly<Record<string, string | readonly string[]>>,
  situation: Situation = {},
): Promise<readonly string[]> {
  try {
    await configOf(command, given, situation);
    return [];
  } catch (error) {
    return asLanacmeErrors(error).map(({ code, message, outcome }) => {
      if (outcome !== 'usage') throw error;
      return `${code}: ${message}`;
    });
  }
}

/** The least that an identity at AWS needs. */
export const leastIdentity = {
  'iot-endpoint': 'c0.credentials.iot.eu-central-1.amazonaws.com',
  'iot-role-alias': 'lanacme',
  'iot-cert': '/etc/lanacme/device.pem',
  'iot-key': '/etc/lanacme/device.key',
} as const;

/** The least that `issue` needs. */
export const leastIssue = { domain: '*.lan.example', zone: 'lan.example', ...leastIdentity } as const;
