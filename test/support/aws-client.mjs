// A program of somebody else that uses the AWS SDK for JavaScript: asks for the zone as often as its argument says, by
// whatever credentials its environment leads to, and prints the zone's name each time.
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';

const client = new Route53Client({ region: 'us-east-1', maxAttempts: 1 });
for (let asked = 0; asked < Number(process.argv[2]); asked += 1) {
  const { HostedZones: zones } = await client.send(
    new ListHostedZonesByNameCommand({ DNSName: 'lan.example' }),
  );
  process.stdout.write(`${zones?.[0]?.Name}\n`);
}
