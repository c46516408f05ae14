/** AWS refuses a signature whose time is further off than this. */
export const toleratedOffsetMs = 5 * 60_000;

/** A server's clock minus ours, from the Date of an answer (RFC 9110 §6.6.1); nothing if there is none. */
export function clockOffsetMs(dateHeader: string | undefined, now: Date): number | undefined {
  const offset = Date.parse(dateHeader ?? '') - now.getTime();
  return Number.isNaN(offset) ? undefined : offset;
}

/** How far this host's clock is off, when a server's is ahead of it by so much: `612 s slow`. */
export function offsetWords(offsetMs: number): string {
  return `${Math.round(Math.abs(offsetMs) / 1000)} s ${offsetMs > 0 ? 'slow' : 'fast'}`;
}

export const setClock = 'correct it (timedatectl set-ntp true)';
