/** A place where the commands of a page are typed: `/etc/lanacme` and `/tmp` are folders of the test. */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './child-process.ts';
import { program } from './run-lanacme.ts';
import { makeTempFolder, type TempFolder } from './temp-folder.ts';

/** Whoever runs the tests is root and user lanacme in one. */
const tools: Readonly<Record<string, string>> = {
  sudo: '#!/bin/sh\nexec "$@"\n',
  chown: '#!/bin/sh\nexit 0\n',
  lanacme: `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`,
};

/** Writes each call as a line of JSON, with what `file://` names put in, and answers what is to be answered. */
const aws = (answers: Readonly<Record<string, string>>): string => `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const said = process.argv.slice(2);
const read = (word) => (word.startsWith('file://') ? readFileSync(word.slice(7), 'utf8') : word);
appendFileSync(process.env.AWS_SAID, JSON.stringify(said.map(read)) + '\\n');
const answer = ${JSON.stringify(answers)}[said[1]];
if (answer !== undefined) console.log(answer);
`;

export class PageShell {
  /** What the page has in `/tmp`. */
  readonly path: string;
  /** What it has in `/etc/lanacme`. */
  readonly etc: string;
  readonly #folder: TempFolder;

  constructor(folder: TempFolder) {
    this.#folder = folder;
    this.path = folder.path;
    this.etc = join(folder.path, 'etc');
  }

  /** From now on `aws SERVICE VERB …` prints the answer for that verb. */
  async answerOfAws(answers: Readonly<Record<string, string>>): Promise<void> {
    await this.addTool('aws', aws(answers));
  }

  /** What `aws` was told by the last line with this verb: the word after each option. */
  async toldToAws(verb: string): Promise<(option: string) => string> {
    const lines = (await readFile(this.#said, 'utf8')).trimEnd().split('\n');
    const calls = lines.map((line) => JSON.parse(line) as readonly string[]);
    const words = calls.findLast((call) => call[1] === verb);
    if (words === undefined) throw new Error(`the page has typed no aws … ${verb}`);
    return (option) => words[words.indexOf(option) + 1] ?? '';
  }

  /** The text with the paths of this place; what is in it already stays. */
  here(text: string): string {
    const places: Readonly<Record<string, string>> = { '/tmp': this.path, '/etc/lanacme': this.etc };
    const put = (part: string): string =>
      part.replaceAll(/(?:\/etc\/lanacme|\/tmp)(?=\/)/g, (at) => places[at] ?? at);
    return text.split(this.path).map(put).join(this.path);
  }

  /** Types the lines into one shell that ends at the first failure; what it prints. */
  async type(
    lines: string,
    cwd = this.path,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const path = `${join(this.path, 'bin')}:${process.env['PATH'] ?? ''}`;
    const env = { PATH: path, HOME: this.path, TZ: 'UTC', AWS_SAID: this.#said, ...environment };
    return await run('sh', ['-euc', this.here(lines)], { cwd, env });
  }

  /** From now on the lines find this program by its name. */
  async addTool(name: string, text: string): Promise<void> {
    const file = join(this.path, 'bin', name);
    await writeFile(file, text);
    await chmod(file, 0o755);
  }

  async remove(): Promise<void> {
    await this.#folder.remove();
  }

  async prepare(): Promise<this> {
    await mkdir(join(this.path, 'bin'));
    await mkdir(this.etc);
    for (const [name, text] of Object.entries(tools)) await this.addTool(name, text);
    await this.answerOfAws({});
    return this;
  }

  get #said(): string {
    return join(this.path, 'said-to-aws');
  }
}

export async function makePageShell(): Promise<PageShell> {
  return await new PageShell(await makeTempFolder('page')).prepare();
}
