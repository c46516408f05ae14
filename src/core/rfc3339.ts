/** RFC 3339 UTC to the second, as in `--json` and in records. */
export function rfc3339(instant: Date): string {
  // Whatever the year, it ends in `.000Z`.
  return `${instant.toISOString().slice(0, -5)}Z`;
}
