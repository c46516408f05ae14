/** `<url>; name=value; name="value"`, repeated with commas (RFC 8288 §3). */
const link = /<([^>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]+))?)*)/g;

/** The targets of a Link header with this relation, as absolute URLs; what cannot be read is left out. */
export function linkTargets(header: string | undefined, relation: string, base: string): readonly string[] {
  return [...(header ?? '').matchAll(link)]
    .filter(([, , parameters = '']) => relations(parameters).includes(relation))
    .flatMap(([, target = '']) => (URL.canParse(target, base) ? [new URL(target, base).href] : []));
}

/** `rel` may hold several, separated by spaces, in any case. */
function relations(parameters: string): readonly string[] {
  const [, quoted, bare] = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s";]+))/i.exec(parameters) ?? [];
  return (quoted ?? bare ?? '').toLowerCase().split(/\s+/);
}
