/** RFC 3339 UTC to the second, as in `--json` and in records. */
export function rfc3339(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, 'Z');
}
