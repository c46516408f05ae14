import type { Command } from '../../src/core/systemd-installation.ts';
import type { SystemManager, UnitFiles } from '../../src/ports/systemd.ts';

/** A disk, and a systemd that only notes what it is told; in one list, so that their order can be seen. */
export class FakeSystemd {
  readonly texts: Map<string, string>;
  readonly done: string[] = [];
  /** The command that fails, once. */
  failing: string | undefined;

  constructor(texts: Readonly<Record<string, string>> = {}) {
    this.texts = new Map(Object.entries(texts));
  }

  readonly files: UnitFiles = {
    read: (path) => this.texts.get(path),
    write: async ({ path, text }) => {
      this.texts.set(path, text);
      this.done.push(`write ${path}`);
      await Promise.resolve();
    },
    remove: async (path) => {
      this.texts.delete(path);
      this.done.push(`remove ${path}`);
      await Promise.resolve();
    },
  };

  readonly manager: SystemManager = {
    run: async (command: Command) => {
      const line = command.join(' ');
      if (line === this.failing) {
        this.failing = undefined;
        throw new Error(`${line} failed`);
      }
      this.done.push(line);
      await Promise.resolve();
    },
  };
}
