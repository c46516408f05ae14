import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifySessionCommand } from '../../src/cli/verify-session.ts';
import { wireVerifySession } from '../../src/wire/verify-session.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type Run, runInProcess } from './run-in-process.ts';

const vector = new URL('../vectors/cloudtrail-create-session.json', import.meta.url);
const seed = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('lanacme verify-session', () => {
  let folder: TempFolder;
  let event: string;

  beforeAll(async () => {
    folder = await makeTempFolder('verify-session');
    event = await readFile(vector, 'utf8');
    await write('legit.json', event);
    await write('stolen.json', event.replaceAll('050471', '123456'));
    await write('log.json', `{"Records":[${event},${event.replaceAll('050471', 'a\\u001b[2Jb')}]}`);
    await write('seeds', `pi-hole.lan.example ${seed}\n`);
  });
  afterAll(async () => {
    await folder.remove();
  });

  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(folder.path, name), text);
    await chmod(join(folder.path, name), 0o600);
  };
  const verify = async (...args: readonly string[]): Promise<Run> =>
    await runInProcess(
      ['verify-session', ...args.map((arg) => arg.replace('./', `${folder.path}/`))],
      {},
      { 'verify-session': verifySessionCommand(wireVerifySession) },
    );

  it('says that a session is legit', async () => {
    expect(await verify('./legit.json', '--seeds', './seeds')).toMatchObject({
      code: 0,
      stdout: 'legit: pi-hole.lan.example at 2005-03-18T01:58:31Z from 192.0.2.7\n',
      stderr: '',
    });
  });

  it('says that one is not, and what to do', async () => {
    const { code, stdout, stderr } = await verify('./stolen.json', '--seeds', './seeds');
    expect(code).toBe(1);
    expect(stdout).toBe('NOT LEGIT: pi-hole.lan.example at 2005-03-18T01:58:31Z from 192.0.2.7\n');
    expect(stderr).toContain('is not named with a code of its host');
    expect(stderr).toContain('ASIAEXAMPLEEXAMPLE12');
  });

  it('with --json tells of each session, of the seed nothing', async () => {
    const { code, stdout, stderr } = await verify('./log.json', '--seeds', './seeds', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      certificates: [],
      legit: false,
      sessions: [
        {
          legit: true,
          skew: 0,
          code: null,
          eventTime: '2005-03-18T01:58:31Z',
          commonName: 'pi-hole.lan.example',
          sessionName: '050471',
          sourceIp: '192.0.2.7',
        },
        {
          legit: false,
          skew: null,
          repeats: null,
          code: 'session.not-legitimate',
          sessionName: 'a\u001b[2Jb',
        },
      ],
      errors: [{ code: 'session.not-legitimate', certificate: null }],
    });
    expect(stdout + stderr).not.toContain(seed);
    expect(stdout).not.toContain('\u001b');
  });

  it('reads the log files of its bucket as they are', async () => {
    await writeFile(join(folder.path, 'log.json.gz'), gzipSync(`{"Records":[${event}]}`));
    expect(await verify('./log.json.gz', '--seeds', './seeds')).toMatchObject({ code: 0, stderr: '' });
  });

  it('has nothing against a log file without any', async () => {
    await write('none.json', '{"Records":[]}');
    expect(await verify('./none.json', '--seeds', './seeds')).toMatchObject({
      code: 0,
      stdout: 'no CreateSession event of IAM Roles Anywhere\n',
    });
  });

  it('tells of a code that was used again, which is no fault', async () => {
    const again = event.replaceAll('01:58:31Z', '01:58:35Z').replace('f2f7c0de', 'a2f7c0de');
    await write('again.json', `[${event},${again}]`);
    const { code, stdout } = await verify('./again.json', '--seeds', './seeds');
    expect(code).toBe(0);
    expect(stdout.split('\n')[1]).toBe(
      'legit: pi-hole.lan.example at 2005-03-18T01:58:35Z from 192.0.2.7 (the same code as at 2005-03-18T01:58:31Z from 192.0.2.7)',
    );
  });

  it.each([
    ['without a file', ['--seeds', './seeds'], 'config.missing'],
    ['without seeds', ['./legit.json'], 'config.missing'],
    ['with two files', ['./legit.json', './log.json', '--seeds', './seeds'], 'config.unexpected-argument'],
    ['with a file that is not there', ['./missing.json', '--seeds', './seeds'], 'session.bad-event'],
    ['with a folder', ['./', '--seeds', './seeds'], 'session.bad-event'],
    ['with seeds that are not there', ['./legit.json', '--seeds', './none'], 'credentials.file-unreadable'],
    ['with seeds for the event', ['./seeds', '--seeds', './seeds'], 'session.bad-event'],
    ['with an event for the seeds', ['./legit.json', '--seeds', './legit.json'], 'session.bad-seeds'],
  ])('is wrong usage %s', async (_, args, code) => {
    const result = await verify(...args, '--json');
    expect(result.code).toBe(2);
    expect((JSON.parse(result.stdout) as { errors: readonly { code: string }[] }).errors[0]).toMatchObject({
      code,
    });
  });

  it('refuses seeds that others can read', async () => {
    await chmod(join(folder.path, 'seeds'), 0o644);
    const result = await verify('./legit.json', '--seeds', './seeds');
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toContain('can be read or changed by others');
    await chmod(join(folder.path, 'seeds'), 0o600);
  });
});
