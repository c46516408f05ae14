import { describe, expect, it } from 'vitest';
import { runAs } from '../../src/core/state-owner.ts';

const path = '/var/lib/lanacme';
const self = { kind: 'self' };

describe('on a state folder', () => {
  it.each([
    ['root makes one that is missing', 0, undefined, self],
    ['root stays root on its own', 0, { path, uid: 0, gid: 0 }, self],
    ['root becomes its owner', 0, { path, uid: 997, gid: 996 }, { kind: 'owner', uid: 997, gid: 996 }],
    [
      'root follows a link of root, as systemd makes it',
      0,
      { path, uid: 997, gid: 996, linkUid: 0 },
      { kind: 'owner', uid: 997, gid: 996 },
    ],
    [
      "root follows the owner's own link",
      0,
      { path, uid: 997, gid: 996, linkUid: 997 },
      { kind: 'owner', uid: 997, gid: 996 },
    ],
    ['root follows its own link', 0, { path, uid: 0, gid: 0, linkUid: 0 }, self],
    ['its owner stays who they are', 997, { path, uid: 997, gid: 996 }, self],
    ['somebody else stays who they are, and is refused later', 1000, { path, uid: 997, gid: 996 }, self],
  ])('%s', (_title, uid, found, expected) => {
    expect(runAs(uid, found)).toEqual(expected);
  });

  it.each([
    ["root's", 0],
    ["a third user's", 33],
  ])('root does not follow the link of somebody else to a folder of %s', (_whose, uid) => {
    expect(() => runAs(0, { path, uid, gid: uid, linkUid: 997 })).toThrow(
      expect.objectContaining({
        code: 'state.unsafe',
        message: `${path} is a link that user 997 made, to a folder of user ${uid}`,
      }),
    );
  });
});
