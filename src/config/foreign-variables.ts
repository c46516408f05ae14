/** Variables of others that lanacme honours: `AWS_*`, the proxies' and systemd's. An empty one counts as absent. */
import type { Host } from './host.ts';
import type { Given, RawSettings } from './read.ts';

export interface ForeignVariables {
  /** The first of these names that has a value: in the environment, then in the env file. */
  find(...names: readonly string[]): { readonly text: string; readonly origin: string } | undefined;
  /** The `AWS_*` lines of the env file that the environment does not override. */
  readonly onlyInFile: Readonly<Record<string, string>>;
}

export function foreignVariables(host: Host, raw: RawSettings): ForeignVariables {
  const inEnvironment = new Map(
    Object.entries(host.environment).flatMap(([name, text]) =>
      variable(name, text, `${name} in the environment`),
    ),
  );
  const inFile = new Map(
    Array.from(raw.fileVariables).flatMap(([name, given]) => variable(name, textOf(given), given.origin)),
  );
  const onlyInFile = Array.from(inFile).filter(
    ([name]) => name.startsWith('AWS_') && !inEnvironment.has(name),
  );
  return {
    find: (...names) =>
      [inEnvironment, inFile].flatMap((place) => names.flatMap((name) => place.get(name) ?? []))[0],
    onlyInFile: Object.fromEntries(onlyInFile.map(([name, { text }]) => [name, text])),
  };
}

type Entry = [string, { readonly text: string; readonly origin: string }];

function variable(name: string, text: string | undefined, origin: string): Entry[] {
  return text === undefined || text === '' ? [] : [[name, { text, origin }]];
}

function textOf({ texts }: Given): string | undefined {
  return texts[0];
}
