import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { expect, it } from 'vitest';
import { amazonRoots } from '../../src/io/amazon-roots.ts';

/** SHA-256, as https://www.amazontrust.com/repository/ gives them. */
const published: Readonly<Record<string, string>> = {
  'Amazon Root CA 1': '8ECDE6884F3D87B1125BA31AC3FCB13D7016DE7F57CC904FE1CB97C6AE98196E',
  'Amazon Root CA 2': '1BA5B2AA8C65401A82960118F80BEC4F62304D83CEC4713A19C39C011EA46DB4',
  'Amazon Root CA 3': '18CE6CFE7BF14E60B2E347B8DFE868CB31D02EBB3ADA271569F50343B46DB3A4',
  'Amazon Root CA 4': 'E35D28419ED02025CFA69038CD623962458DA5C695FBDEA3C22B0BFB25897092',
  'Starfield Services Root Certificate Authority - G2':
    '568D6905A2C88708A4B3025190EDCFEDB1974A606A13C6E5290FCB2AE63EDAB5',
};

const described = (pem: string): [string, string] => {
  const { subject, fingerprint256 } = new X509Certificate(pem);
  return [subject.slice(subject.indexOf('CN=') + 3), fingerprint256.replaceAll(':', '')];
};

it("Amazon's roots are the five that Amazon publishes", () => {
  expect(Object.fromEntries(amazonRoots.map(described))).toEqual(published);
});

it("Amazon's roots are those that this Node trusts under the same names", () => {
  const known = rootCertificates.map(described).filter(([name]) => name in published);
  expect(known.length).toBeGreaterThan(0);
  for (const [name, fingerprint] of known) expect([name, fingerprint]).toEqual([name, published[name]]);
});
