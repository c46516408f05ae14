import { expect, it } from 'vitest';
import { route53Region } from '../../src/core/aws-region.ts';

it.each([
  ['us-east-1', 'us-east-1'],
  ['eu-central-1', 'us-east-1'],
  ['ap-southeast-7', 'us-east-1'],
  ['cn-north-1', 'cn-northwest-1'],
  ['us-gov-east-1', 'us-gov-west-1'],
  ['us-iso-east-1', 'us-iso-east-1'],
  ['us-isob-east-1', 'us-isob-east-1'],
  ['eusc-de-east-1', 'eusc-de-east-1'],
])('a host in %s signs for %s', (region, expected) => {
  expect(route53Region(region)).toBe(expected);
});
