import { asLanacmeErrors } from '../errors.ts';
import type { ServePorts } from '../ports/serve-credentials.ts';

/** What systemd hands over is a copy. */
function whereItComesFrom(file: string): string {
  return file.startsWith('credential:') ? 'FILE, the one that LoadCredential= names' : file;
}

/** The endpoint's token, as its file has it when somebody asks. */
export class TokenReader {
  readonly #ports: Pick<ServePorts, 'token' | 'log'>;
  /** Why there is none, as it was told. */
  #told = '';

  constructor(ports: Pick<ServePorts, 'token' | 'log'>) {
    this.#ports = ports;
  }

  /**
   * The file, with a token in it from now on.
   *
   * @throws LanacmeError if it cannot be had.
   */
  async first(): Promise<string> {
    const { token, log } = this.#ports;
    const { file, hasLineBreak } = await token.readOrMake();
    if (hasLineBreak) {
      log.warn(`${file} ends in a line break, which SDKs take for a part of the token and refuse to send`, {
        hint: `take it away: truncate --size=-1 ${whereItComesFrom(file)}`,
      });
    }
    return file;
  }

  /** The token; nothing if there is none to go by, which nobody is then let in with. Said once for each reason. */
  async now(): Promise<string> {
    try {
      const { text } = await this.#ports.token.read();
      this.#told = '';
      return text;
    } catch (error) {
      for (const { message, code, hint } of asLanacmeErrors(error)) {
        if (this.#told === message) continue;
        this.#told = message;
        this.#ports.log.warn(`nobody gets credentials: ${message}`, { code, hint });
      }
      return '';
    }
  }
}
