/** Debian's own AWS programs, and what lanacme gives them: a process, a file that a timer keeps, an endpoint. */
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aws as awsOnce, awsPackages, boto3, sessionsOf, zone } from './aws-programs.ts';
import { makeToken, movePort, serveUnit, socketUnit, tokenFile } from './credentials-endpoint.ts';
import { useLanHost } from './lan-host.ts';

const host = useLanHost({ policy: 'whole zone' }, { packages: awsPackages });
let slowestMs = 0;

/** Debian's `aws` once, as in aws-programs.ts; how long that takes on this machine is remembered. */
const aws = async (...asked: Parameters<typeof awsOnce>): ReturnType<typeof awsOnce> => {
  const begun = performance.now();
  const result = await awsOnce(...asked);
  slowestMs = Math.max(slowestMs, performance.now() - begun);
  return result;
};

/** Seconds of a session: longer than a program needs to call AWS, however slow this machine is, and soon over. */
const shortSession = (): number => Math.max(6, Math.ceil((4 * slowestMs) / 1000));

beforeAll(async () => {
  await host.setUp();
  await host.debian.sh('groupadd --system aws-users && adduser --quiet www-data aws-users');
});
beforeEach(() => {
  sessionsOf(host);
});

/** What `aws` ends with that has found no credentials. */
const hasNone = { code: 253, stdout: '' };
const ok = { code: 0, stdout: `${zone}\n`, stderr: '' };

/** What a program of boto3 prints that has gone on beyond the end of its first session. */
const wentOn = { code: 0, stdout: expect.stringMatching(/^lan\.example\. ([2-9]|\d{2,})\n$/) as string };

describe('by credential_process', () => {
  const configFile = '/etc/aws-config';
  const byProcess = { AWS_CONFIG_FILE: configFile };
  const configure = async (command: string): Promise<void> => {
    await host.debian.write(configFile, `[default]\ncredential_process = ${command}\n`);
  };

  test('user lanacme, whose device key it is, calls AWS and goes on when a session has ended', async () => {
    await configure('/usr/bin/lanacme credentials');
    expect(await aws(host, 'lanacme', byProcess)).toEqual(ok);
    const short = shortSession();
    sessionsOf(host, short);
    expect(await boto3(host, 'lanacme', byProcess, short + 1)).toMatchObject(wentOn);
  });

  test('another user is told that the env file is not for them, and calls nobody', async () => {
    await host.world.forgetRequests();
    const refused = await aws(host, 'www-data', byProcess);
    expect(refused).toMatchObject({ code: 255, stdout: '' });
    expect(refused.stderr).toContain('/etc/lanacme/lanacme.env cannot be read');
    expect((await host.world.counts()).credentials).toBe(0);
  });

  test('another user may, where sudo lets them run this one command as lanacme', async () => {
    const command = '/usr/bin/lanacme credentials --format process';
    await host.debian.write('/etc/sudoers.d/aws', `www-data ALL=(lanacme) NOPASSWD: ${command}\n`, 0o440);
    await configure(`sudo --non-interactive --user=lanacme ${command}`);
    expect(await aws(host, 'www-data', byProcess)).toEqual(ok);
    const other = await host.debian.attempt(`runuser -u www-data -- sudo -n -u lanacme lanacme status`);
    expect(other.code).not.toBe(0);
  });
});

describe('by the file that lanacme-credentials.timer keeps', () => {
  const file = '/run/lanacme-credentials/credentials';
  const byFile = { AWS_SHARED_CREDENTIALS_FILE: file };
  const unit = 'lanacme-credentials.service';

  test('enabled, the file is there at once, for user lanacme alone', async () => {
    await host.debian.sh('systemctl enable --now lanacme-credentials.timer');
    await host.debian.until(`test -e ${file}`);
    expect(await host.debian.sh(`stat -c '%U:%G %a' ${file} $(dirname ${file})`)).toBe(
      'lanacme:lanacme 600\nlanacme:lanacme 755',
    );
    expect(await aws(host, 'lanacme', byFile)).toEqual(ok);
    expect(await aws(host, 'www-data', byFile)).toMatchObject(hasNone);
  });

  test('with the drop-in that its comment has, a group reads it, and nobody else', async () => {
    const text = await host.debian.sh(`cat /usr/lib/systemd/system/${unit}`);
    const [lines = ''] = /ExecStart=\n#.*--key-group GROUP$/m.exec(text) ?? [];
    const dropIn = `[Service]\n${lines.replace(/^# */gm, '').replace('GROUP', 'aws-users')}\n`;
    await host.debian.write(`/etc/systemd/system/${unit}.d/group.conf`, dropIn);
    await host.debian.sh('adduser --quiet lanacme aws-users && systemctl daemon-reload');
    await host.debian.sh(`systemctl start ${unit}`);
    expect(await host.debian.sh(`stat -c '%U:%G %a' ${file}`)).toBe('lanacme:aws-users 640');
    expect(await aws(host, 'www-data', byFile)).toEqual(ok);
    expect(await aws(host, 'nobody', byFile)).toMatchObject(hasNone);
  });

  test('when its session has ended AWS refuses it, until the timer comes, oftener by a drop-in', async () => {
    sessionsOf(host, shortSession());
    await host.debian.sh(`systemctl start ${unit}`);
    expect(await refused(byFile)).toContain('ExpiredToken');
    sessionsOf(host);
    await host.debian.write(
      '/etc/systemd/system/lanacme-credentials.timer.d/often.conf',
      '[Timer]\nOnCalendar=\nOnCalendar=*:*:0/2\nRandomizedDelaySec=0\nAccuracySec=10ms\n',
    );
    const old = await host.debian.sh(`cat ${file}`);
    await host.debian.sh('systemctl daemon-reload && systemctl restart lanacme-credentials.timer');
    await host.debian.until(`test "$(cat ${file})" != '${old}'`);
    await host.debian.sh('systemctl stop lanacme-credentials.timer');
    expect(await aws(host, 'www-data', byFile)).toEqual(ok);
  });

  /** What `aws` says once it is refused. */
  async function refused(variables: Readonly<Record<string, string>>): Promise<string> {
    for (;;) {
      const { code, stderr } = await aws(host, 'www-data', variables);
      if (code !== 0) return stderr;
    }
  }
});

describe('by the endpoint that lanacme-credentials.socket opens', () => {
  let byEndpoint: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const url = await movePort(host);
    byEndpoint = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    };
  });

  test('without a token it is not opened, and says why', async () => {
    const enabled = await host.debian.attempt(`systemctl enable --now ${socketUnit}`);
    expect(enabled).toMatchObject({ code: 1 });
    expect(enabled.stderr).toContain(`Assertion failed on job for ${socketUnit}`);
  });

  test('who reads the token calls AWS, others do not', async () => {
    await makeToken(host, 'aws-users');
    await host.debian.sh(`systemctl enable --now ${socketUnit}`);
    expect(await aws(host, 'www-data', byEndpoint)).toEqual(ok);
    const refused = await aws(host, 'nobody', byEndpoint);
    expect(refused).toMatchObject({ code: 255, stdout: '' });
    expect(refused.stderr).toContain(tokenFile);
  });

  test('several programs are one request upstream, and go on when their session has ended', async () => {
    await host.debian.sh(`systemctl stop ${serveUnit} 2>/dev/null`);
    await host.world.forgetRequests();
    const together = [1, 2, 3].map(async () => await aws(host, 'www-data', byEndpoint));
    expect(await Promise.all(together)).toEqual([ok, ok, ok]);
    expect((await host.world.counts()).credentials).toBe(1);
    await host.debian.sh(`systemctl stop ${serveUnit} 2>/dev/null`);
    const short = shortSession();
    sessionsOf(host, short);
    expect(await boto3(host, 'www-data', byEndpoint, short + 1)).toMatchObject(wentOn);
  });

  test('without the token there is 401 and nothing else', async () => {
    await host.world.forgetRequests();
    const answer = await fetch(byEndpoint['AWS_CONTAINER_CREDENTIALS_FULL_URI'] ?? '');
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { code: 'unauthorized', message: 'the Authorization header does not hold the token' },
    ]);
    expect((await host.world.counts()).credentials).toBe(0);
  });

  test('while AWS refuses they are told, and none has empty credentials', async () => {
    await host.debian.sh(`systemctl stop ${serveUnit} 2>/dev/null`);
    host.world.iot.faults.add({ kind: 'refuse', status: 403, message: 'Access Denied' }, { times: Infinity });
    await host.world.forgetRequests();
    const refused = await aws(host, 'www-data', byEndpoint);
    host.world.iot.faults.clear();
    expect(refused).toMatchObject({ code: 255, stdout: '' });
    expect((await host.world.counts()).route53).toEqual({});
    expect(await aws(host, 'www-data', byEndpoint)).toEqual(ok);
  });

  test('after a power cut both are there again', async () => {
    await host.debian.sh('systemctl enable lanacme-credentials.timer');
    await host.debian.powerCut();
    await host.debian.boot();
    expect(await aws(host, 'www-data', byEndpoint)).toEqual(ok);
    await host.debian.until('test -e /run/lanacme-credentials/credentials');
  });
});
