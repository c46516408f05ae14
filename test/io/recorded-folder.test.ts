import { expect, test } from 'vitest';
import type { RecordedFolder } from '../../src/core/recorded-folder.ts';
import { LanacmeError } from '../../src/errors.ts';
import { FolderRecorder, replayedFolder } from '../../src/io/recorded-folder.ts';
import type { ClientFile, ClientFolder } from '../../src/ports.ts';

const file: ClientFile = { content: Buffer.from([0, 255, 10]), isExecutable: true, readers: 'group' };
const refusal = new LanacmeError('import.unsafe', 'it leads out', { hint: 'see' });
const folder: ClientFolder = {
  path: '/etc/letsencrypt',
  names: (name) => (name === 'renewal' ? ['__proto__', 'b'] : undefined),
  file: (path) => {
    if (path === '__proto__') return file;
    throw refusal;
  },
};

test('a folder that was read looks the same to whoever may not read it', () => {
  const recorder = new FolderRecorder(folder);
  const look = (at: ClientFolder): readonly unknown[] => [
    at.path,
    at.names('renewal'),
    at.names('none'),
    at.file('__proto__'),
    (() => {
      try {
        return at.file('x');
      } catch (error) {
        const { code, message, hint } = error as LanacmeError;
        return [code, message, hint];
      }
    })(),
  ];
  const seen = look(recorder);
  expect(seen).toEqual(look(folder));
  // As it goes through the pipe.
  const handed = JSON.parse(JSON.stringify(recorder.recording())) as RecordedFolder;
  expect(look(replayedFolder(handed))).toEqual(seen);
  expect(() => replayedFolder(handed).file('toString')).toThrow('root has not read toString');
});
