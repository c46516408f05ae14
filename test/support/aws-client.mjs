// A program of somebody else that uses the AWS SDK for JavaScript, and runs on: for each line of its standard input it asks
// for the zone of that name, by whatever credentials its environment leads to, and prints what it is told.
import { createInterface } from 'node:readline';
import { ListHostedZonesByNameCommand, Route53Client } from '@aws-sdk/client-route-53';

let client;
process.stdout.write('ready\n');
for await (const zone of createInterface({ input: process.stdin })) {
  try {
    // It reads the shared files when it is made.
    client ??= new Route53Client({ region: 'us-east-1', maxAttempts: 1 });
    const asked = new ListHostedZonesByNameCommand({ DNSName: zone });
    const { HostedZones: zones } = await client.send(asked);
    process.stdout.write(`${zones?.[0]?.Name}\n`);
  } catch (error) {
    process.stdout.write(`refused: ${error.name}: ${error.message.replaceAll('\n', ' ')}\n`);
  }
}
