/** AWS refuses a signature whose time is further off than this. */
export const toleratedOffsetMs = 5 * 60_000;

/** A server's clock minus ours, from the Date of an answer (RFC 9110 §6.6.1); nothing if there is none. */
export function clockOffsetMs(dateHeader: string | undefined, now: Date): number | undefined {
  const offset = Date.parse(dateHeader ?? '') - now.getTime();
  return Number.isNaN(offset) ? undefined : offset;
}

/** How far this host's clock is off, when a server's is ahead of it by so much: `10 min slow`. */
export function offsetWords(offsetMs: number): string {
  return `${lengthOf(Math.abs(offsetMs) / 1000)} ${offsetMs > 0 ? 'slow' : 'fast'}`;
}

/** A Date has no more than whole seconds, and nobody sets a clock by them. */
function lengthOf(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  return seconds < 36 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}

export const setClock = 'correct it (timedatectl set-ntp true)';
