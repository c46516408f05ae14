import { describe, expect, it } from 'vitest';
import { parseCertificateName } from '../../src/core/names.ts';
import { parseRootQueue, type RootQueue, rootHookStates } from '../../src/core/root-queue.ts';

const name = parseCertificateName('lan.example');
const done = { command: 'a', wanted: '0002', done: '0002' };
const failed = {
  command: 'b',
  wanted: '0002',
  done: '0001',
  lastError: { code: 'hook.failed', message: 'no', hint: 'x', at: '2026-11-22T12:00:00Z' },
  backoff: { failures: 2, until: '2026-11-22T12:00:00Z' },
};
const queue: RootQueue = { format: 1, name, serial: '0a', hooks: [done, failed] };

describe('what root has noted of its hooks', () => {
  it('is read member by member', () => {
    expect(parseRootQueue(structuredClone(queue), name, 'a.json')).toEqual(queue);
    expect(() => parseRootQueue({ ...queue, serial: '../x' }, name, 'a.json')).toThrow(
      'a.json is broken: serial is not a serial number',
    );
  });

  it('says what they are owed of the same version', () => {
    expect(rootHookStates(queue, ['a', 'b'], { version: '0002', serial: '0a' })).toEqual([done, failed]);
  });

  it('owes a new version and a new hook, and forgets one that is gone', () => {
    expect(rootHookStates(queue, ['a', 'c'], { version: '0003', serial: '0b' })).toEqual([
      { command: 'a', wanted: '0003' },
      { command: 'c', wanted: '0003' },
    ]);
  });

  it('owes everything when another certificate has the number of one that was deleted', () => {
    expect(rootHookStates(queue, ['a'], { version: '0002', serial: '0b' })).toEqual([
      { command: 'a', wanted: '0002' },
    ]);
  });

  it('owes everything when nothing is noted', () => {
    expect(rootHookStates(undefined, ['a'], { version: '0002', serial: '0a' })).toEqual([
      { command: 'a', wanted: '0002' },
    ]);
  });
});
