import { describe, expect, it } from 'vitest';
import { nearestName } from '../../src/config/nearest-name.ts';

const known = ['zone', 'zone-id', 'name', 'name-servers', 'domain', 'deploy-hook', 'iot-thing-name'];

describe('nearestName', () => {
  it.each([
    ['a letter too many', 'zonne', 'zone'],
    ['a letter left out', 'domin', 'domain'],
    ['neighbours swapped', 'nmae', 'name'],
    ['another letter', 'deploy-hoop', 'deploy-hook'],
    ['underscores for hyphens', 'iot_thing_name', 'iot-thing-name'],
    ['capitals do not count', 'ZONE-ID', 'zone-id'],
    ['the nearer of two', 'zone-i', 'zone-id'],
    ['nothing is near', 'frobnicate', undefined],
    ['nothing is near a short word', 'q', undefined],
  ])('%s', (_title, unknown, expected) => {
    expect(nearestName(unknown, known)).toBe(expected);
  });
});
