import { createPrivateKey } from 'node:crypto';
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { type DeviceFiles, readDeviceKey } from '../../src/io/device-key.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type Issued, makeCa, type TestCa } from '../world/pki.ts';

const now = new Date();
let ca: TestCa;
let device: Issued;
let folder: TempFolder;
let files: DeviceFiles & { readonly keyFile: string };

beforeAll(async () => {
  ca = await makeCa();
  device = await ca.issueDevice();
});
beforeEach(async () => {
  folder = await makeTempFolder('device-key');
  files = {
    certFile: await write('cert.pem', device.certPem, 0o644),
    keyFile: await write('key.pem', device.keyPem, 0o600),
  };
});
afterEach(async () => {
  await folder.remove();
});

async function write(name: string, content: string, mode: number): Promise<string> {
  const file = path.join(folder.path, name);
  await writeFile(file, content, { mode });
  await chmod(file, mode);
  return file;
}

async function refusalOf(given: DeviceFiles, at = now): Promise<LanacmeError> {
  const error: unknown = await readDeviceKey(given, at).then(
    () => 'it was read',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LanacmeError);
  return error as LanacmeError;
}

const encrypted = (passphrase: string) =>
  createPrivateKey(device.keyPem)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
    .toString();

describe('a device key', () => {
  it('is read with its certificate', async () => {
    expect(await readDeviceKey(files, now)).toEqual({ cert: device.certPem, key: device.keyPem });
  });

  it('may be of another type or form', async () => {
    for (const keyType of ['ec384', 'rsa2048'] as const) {
      const other = await ca.issueDevice({ keyType });
      const sec1 = createPrivateKey(other.keyPem)
        .export({ type: keyType === 'rsa2048' ? 'pkcs1' : 'sec1', format: 'pem' })
        .toString();
      const given = {
        certFile: await write('c', other.certPem, 0o644),
        keyFile: await write('k', sec1, 0o600),
      };
      expect((await readDeviceKey(given, now)).key).toBe(other.keyPem);
    }
  });

  it('may stand behind symbolic links, and the file that they lead to is judged', async () => {
    const link = path.join(folder.path, 'link.pem');
    await symlink('key.pem', link);
    expect((await readDeviceKey({ ...files, keyFile: link }, now)).key).toBe(device.keyPem);
    await chmod(files.keyFile, 0o640);
    expect((await refusalOf({ ...files, keyFile: link })).code).toBe('credentials.key-exposed');
  });

  it.each([0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644, 0o660, 0o777])(
    'is refused with mode %o',
    async (mode) => {
      await chmod(files.keyFile, mode);
      const error = await refusalOf(files);
      expect(error.code).toBe('credentials.key-exposed');
      expect(error.message).toBe(
        `${files.keyFile} can be read or changed by others than its owner (mode 0${mode.toString(8)})`,
      );
      expect(error.hint).toContain(`chmod 600 ${files.keyFile}`);
    },
  );

  it.each([0o600, 0o400, 0o700])('is good with mode %o', async (mode) => {
    await chmod(files.keyFile, mode);
    expect((await readDeviceKey(files, now)).key).toBe(device.keyPem);
  });

  it.runIf(process.getuid?.() === 0)('is refused if it belongs to another user', async () => {
    await chown(files.keyFile, 12_345, 0);
    const error = await refusalOf(files);
    expect(error.code).toBe('credentials.key-exposed');
    expect(error.message).toBe(`${files.keyFile} belongs to user id 12345, who can read and change it`);
  });

  it.each<[string, string, string, RegExp]>([
    ['is no key', 'hello', 'holds no private key in PEM form', /BEGIN PRIVATE KEY/],
    ['is empty', '', 'holds no private key in PEM form', /BEGIN PRIVATE KEY/],
    [
      'is damaged',
      '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
      'holds no private key in PEM form',
      /BEGIN PRIVATE KEY/,
    ],
  ])('that %s is refused, and not repeated', async (_title, content, what, hint) => {
    const error = await refusalOf({ ...files, keyFile: await write('other.pem', content, 0o600) });
    expect(error.code).toBe('credentials.key-invalid');
    expect(error.message).toBe(`${path.join(folder.path, 'other.pem')} ${what}`);
    expect(error.hint).toMatch(hint);
  });

  it('of another certificate is refused', async () => {
    const other = await ca.issueDevice();
    const error = await refusalOf({ ...files, keyFile: await write('other.pem', other.keyPem, 0o600) });
    expect(error.code).toBe('credentials.key-mismatch');
    expect(error.message).toBe(
      `${path.join(folder.path, 'other.pem')} is not the key of the certificate in ${files.certFile}`,
    );
  });

  it('that is encrypted opens with the password on the first line of a file', async () => {
    const keyFile = await write('encrypted.pem', encrypted('pass word'), 0o600);
    const keyPasswordFile = await write('password', 'pass word\n', 0o600);
    expect((await readDeviceKey({ ...files, keyFile, keyPasswordFile }, now)).key).toBe(device.keyPem);
  });

  it.each<[string, string | undefined, string]>([
    ['without a password', undefined, 'is encrypted and no password is given'],
    ['with another password', 'wrong', 'does not open with the given password'],
  ])('that is encrypted stays closed %s', async (_title, password, what) => {
    const keyFile = await write('encrypted.pem', encrypted('right'), 0o600);
    const given = {
      ...files,
      keyFile,
      ...(password === undefined ? {} : { keyPasswordFile: await write('password', password, 0o600) }),
    };
    const error = await refusalOf(given);
    expect(error.code).toBe('credentials.key-invalid');
    expect(error.message).toBe(`${keyFile} ${what}`);
    expect(error.hint).toContain('--iot-key-password-file');
  });

  it.each(['pass word', 'pass word\r\n', 'pass word\n\n', 'pass word\nwritten down by somebody\n'])(
    'that is encrypted opens with the first line of %j, and with no more of it',
    async (content) => {
      const keyFile = await write('encrypted.pem', encrypted('pass word'), 0o600);
      const keyPasswordFile = await write('password', content, 0o600);
      expect((await readDeviceKey({ ...files, keyFile, keyPasswordFile }, now)).key).toBe(device.keyPem);
    },
  );

  it.each(['', '\n', '\npass word\n'])('has no password in a file with %j', async (content) => {
    const keyPasswordFile = await write('password', content, 0o600);
    expect(await refusalOf({ ...files, keyPasswordFile })).toMatchObject({
      code: 'credentials.key-invalid',
      message: `${keyPasswordFile} holds no password: its first line is empty`,
    });
  });

  it('has a password file that is judged like a key', async () => {
    const keyPasswordFile = await write('password', 'right', 0o644);
    expect((await refusalOf({ ...files, keyPasswordFile })).code).toBe('credentials.key-exposed');
  });
});

describe('a device certificate', () => {
  it.each(['', 'hello', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'that is "%s" is refused',
    async (content) => {
      const error = await refusalOf({ ...files, certFile: await write('other.pem', content, 0o644) });
      expect(error.code).toBe('credentials.certificate-invalid');
      expect(error.message).toBe(`${path.join(folder.path, 'other.pem')} holds no certificate in PEM form`);
    },
  );

  it('is refused out of its dates', async () => {
    const validity = {
      notBefore: new Date('2026-01-01T00:00:00Z'),
      notAfter: new Date('2026-02-01T00:00:00Z'),
    };
    const dated = await ca.issueDevice({ validity });
    const given = {
      certFile: await write('c', dated.certPem, 0o644),
      keyFile: await write('k', dated.keyPem, 0o600),
    };
    await readDeviceKey(given, new Date('2026-01-15T00:00:00Z'));
    const early = await refusalOf(given, new Date('2025-12-31T23:59:59Z'));
    expect(early.code).toBe('credentials.certificate-not-yet-valid');
    expect(early.message).toBe(
      `the certificate in ${given.certFile} is not valid before 2026-01-01T00:00:00.000Z`,
    );
    expect(early.hint).toContain('the clock of this host says 2025-12-31T23:59:59.000Z');
    const late = await refusalOf(given, new Date('2026-02-01T00:00:01Z'));
    expect(late.code).toBe('credentials.certificate-expired');
    expect(late.message).toBe(`the certificate in ${given.certFile} expired on 2026-02-01T00:00:00.000Z`);
  });
});

describe('a file of an identity', () => {
  it.each<[string, string]>([
    ['absent', 'there is no such file'],
    ['cert.pem/below', 'a part of its path is not a folder'],
    ['.', 'it is not a regular file'],
  ])('that is %s is told', async (name, why) => {
    const certFile = path.join(folder.path, name);
    const error = await refusalOf({ ...files, certFile });
    expect(error.code).toBe('credentials.file-unreadable');
    expect(error.message).toBe(`cannot read ${certFile}: ${why}`);
  });

  it('that is huge is not read', async () => {
    const error = await refusalOf({
      ...files,
      certFile: await write('huge', 'x'.repeat((4 << 20) + 1), 0o644),
    });
    expect(error.message).toContain('it is larger than 4194304 bytes');
  });

  it('named credential:NAME is in the credentials directory, where mode 0440 is good', async () => {
    await chmod(files.keyFile, 0o440);
    const credentials = {
      certFile: 'credential:cert.pem',
      keyFile: 'credential:key.pem',
      credentialsDirectory: folder.path,
    };
    expect((await readDeviceKey(credentials, now)).key).toBe(device.keyPem);
    // The same file by its path is in the same folder: what counts is where it is.
    expect((await readDeviceKey({ ...files, credentialsDirectory: folder.path }, now)).key).toBe(
      device.keyPem,
    );
    for (const mode of [0o444, 0o460, 0o450]) {
      await chmod(files.keyFile, mode);
      expect((await refusalOf(credentials)).code).toBe('credentials.key-exposed');
    }
  });

  it('in the credentials directory that is a link out of it is judged like any other', async () => {
    const credentialsDirectory = path.join(folder.path, 'credentials');
    await mkdir(credentialsDirectory);
    await symlink(files.keyFile, path.join(credentialsDirectory, 'key'));
    await chmod(files.keyFile, 0o440);
    const error = await refusalOf({ ...files, keyFile: 'credential:key', credentialsDirectory });
    expect(error.code).toBe('credentials.key-exposed');
  });

  it.each(['credential:', 'credential:..', 'credential:a/b', 'credential:../key.pem', 'credential:a b'])(
    'cannot be named %s',
    async (certFile) => {
      const error = await refusalOf({ ...files, certFile, credentialsDirectory: folder.path });
      expect([error.code, error.outcome]).toEqual(['config.invalid-value', 'usage']);
      expect(error.message).toBe(`'${certFile}' does not name a credential`);
    },
  );

  it('named credential:NAME needs a credentials directory', async () => {
    const error = await refusalOf({ ...files, certFile: 'credential:cert' });
    expect(error.code).toBe('config.invalid-value');
    expect(error.message).toBe(
      "'credential:cert' needs a credentials directory, and $CREDENTIALS_DIRECTORY is not set",
    );
  });
});
