import type { Answered, ClientFile, RecordedFile, RecordedFolder } from '../core/recorded-folder.ts';
import { LanacmeError } from '../errors.ts';
import type { ClientFolder } from '../ports.ts';

/** Notes all that is read of a folder. */
export class FolderRecorder implements ClientFolder {
  readonly path: string;
  readonly #folder: ClientFolder;
  readonly #names = new Map<string, Answered<readonly string[] | null>>();
  readonly #files = new Map<string, Answered<RecordedFile>>();

  constructor(folder: ClientFolder) {
    this.#folder = folder;
    this.path = folder.path;
  }

  names(folder: string): readonly string[] | undefined {
    return noted(
      this.#names,
      folder,
      () => this.#folder.names(folder),
      (names) => names ?? null,
    );
  }

  file(path: string): ClientFile {
    return noted(
      this.#files,
      path,
      () => this.#folder.file(path),
      ({ content, ...others }) => ({ content: Buffer.from(content).toString('base64'), ...others }),
    );
  }

  recording(): RecordedFolder {
    return { path: this.path, names: [...this.#names], files: [...this.#files] };
  }
}

function noted<T, R>(into: Map<string, Answered<R>>, key: string, read: () => T, record: (value: T) => R): T {
  try {
    const value = read();
    into.set(key, { value: record(value) });
    return value;
  } catch (error) {
    if (error instanceof LanacmeError) {
      const { code, message, hint } = error;
      into.set(key, { refused: { code, message, hint } });
    }
    throw error;
  }
}

/** The folder that was recorded, for whoever reads the same of it once more. */
export function replayedFolder({ path, names, files }: RecordedFolder): ClientFolder {
  const [namesOf, fileAt] = [new Map(names), new Map(files)];
  return {
    path,
    names: (folder) => answer(namesOf, folder) ?? undefined,
    file: (name) => {
      const { content, ...others } = answer(fileAt, name);
      return { content: Buffer.from(content, 'base64'), ...others };
    },
  };
}

function answer<T>(answers: ReadonlyMap<string, Answered<T>>, key: string): T {
  const answered = answers.get(key);
  if (answered === undefined) throw new Error(`root has not read ${key}`);
  if ('value' in answered) return answered.value;
  const { code, message, hint } = answered.refused;
  throw new LanacmeError(code, message, { hint });
}
