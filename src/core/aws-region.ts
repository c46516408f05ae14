/**
 * The Region that Route 53 requests are signed for: it is a global service with one per partition, wherever the host
 * is (AWS General Reference, "Route 53 endpoints").
 */
export function route53Region(region: string): string {
  if (region.startsWith('cn-')) return 'cn-northwest-1';
  if (region.startsWith('us-gov-')) return 'us-gov-west-1';
  // Partitions of their own, whose names lanacme does not know: what was configured is right there.
  if (/^(us-iso|eu-iso|eusc-)/.test(region)) return region;
  return 'us-east-1';
}
