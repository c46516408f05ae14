/** By which a file of `lanacme systemd install` is known later: its first line. Any other is never replaced or removed. */

const marker =
  '# Written by lanacme systemd install, which also replaces it: changes belong into a drop-in (systemctl edit).';

export function marked(text: string): string {
  return `${marker}\n${text}`;
}

export function isOurs(text: string): boolean {
  return text.startsWith(marked(''));
}
