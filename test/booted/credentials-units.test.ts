/** The units that hand out credentials, as systems go: mistakes, ends and starts, and who may do and read what. */
import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeToken, movePort, serveUnit, socketUnit, tokenFile } from './credentials-endpoint.ts';
import { findInside, isNoPlace } from './find-inside.ts';
import { useLanHost } from './lan-host.ts';

const host = useLanHost();
const dropIn = `/etc/systemd/system/${serveUnit}.d/test.conf`;
const env = '/etc/lanacme/lanacme.env';
let token: string;
let url: string;

beforeAll(async () => {
  await host.setUp();
  await host.debian.sh('groupadd --system aws-users && adduser --quiet www-data aws-users');
  token = await makeToken(host, 'aws-users');
  url = await movePort(host);
  await host.debian.sh(`systemctl enable --now ${socketUnit}`);
});
beforeEach(async () => {
  await host.debian.sh(`systemctl stop ${serveUnit} 2>&1`);
});

/** A program with the token asks. */
async function ask(
  at = url,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, string>> }> {
  const answer = await fetch(at, { headers: { authorization: token } });
  return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, string>> };
}

async function stateOf(unit: string): Promise<string> {
  return (await host.debian.attempt(`systemctl is-active ${unit}`)).stdout.trim();
}

async function mainPid(): Promise<string> {
  return await host.debian.sh(`systemctl show --property=MainPID --value ${serveUnit}`);
}

describe('the endpoint', () => {
  test('is started by who asks first, and what it is told to end leaves no error in the journal', async () => {
    expect(await stateOf(serveUnit)).toBe('inactive');
    expect((await ask()).status).toBe(200);
    const since = await host.debian.sh('date +%s.%N');
    await host.debian.sh(`systemctl stop ${serveUnit} 2>&1`);
    expect([await stateOf(serveUnit), await stateOf(socketUnit)]).toEqual(['inactive', 'active']);
    const errors = await host.debian.journal(
      `--unit=${serveUnit}`,
      '--priority=err',
      '--output=cat',
      `--since=@${since}`,
    );
    expect(errors).toMatch(/^(-- No entries --)?\n?$/);
    expect((await ask()).status).toBe(200);
  });

  test('ends when nobody has asked for five minutes, and the next who asks has another', async () => {
    // A clock of its own, of which five minutes are ten seconds: it leaps over all that is under way at their end.
    const clock = '/usr/local/lib/fast-time.mjs';
    await host.debian.write(clock, await readFile(new URL('../support/fast-time.mjs', import.meta.url)));
    await host.debian.write(dropIn, `[Service]\nEnvironment=NODE_OPTIONS=--import=${clock} TIME_SKIPS=30\n`);
    await host.debian.sh('systemctl daemon-reload');
    expect((await ask()).status).toBe(200);
    const first = await mainPid();
    await host.debian.until(`test "$(systemctl is-active ${serveUnit})" = inactive`);
    const result = `systemctl show --property=Result,ExecMainStatus --value ${serveUnit}`;
    expect([await host.debian.sh(result), await stateOf(socketUnit)]).toEqual(['success\n0', 'active']);
    expect((await ask()).status).toBe(200);
    expect(await mainPid()).not.toBe(first);
    await host.debian.sh(`rm ${dropIn} && systemctl daemon-reload`);
  });

  test('with another token, from the next start on', async () => {
    const before = token;
    expect((await ask()).status).toBe(200);
    token = await makeToken(host, 'aws-users');
    expect(token).not.toBe(before);
    expect((await ask()).status).toBe(401);
    await host.debian.sh(`systemctl stop ${serveUnit} 2>&1`);
    expect((await ask()).status).toBe(200);
  });

  test('keeps its port through a mistake in the env file, and answers who has waited once that is mended', async () => {
    const good = await host.debian.sh(`cat ${env}`);
    await host.debian.sh(`cat > ${env}`, `${good}\nLANACME_NONSENSE=1\n`);
    const answer = ask();
    try {
      await host.debian.until(`test "$(systemctl show --property=NRestarts --value ${serveUnit})" -ge 1`);
      expect(await stateOf(socketUnit)).toBe('active');
    } finally {
      await host.debian.sh(`cat > ${env}`, good);
    }
    expect((await answer).status).toBe(200);
  });

  test('answers 5xx and no credentials while AWS refuses, and credentials as soon as it does not', async () => {
    host.world.iot.faults.add({ kind: 'refuse', status: 403, message: 'Access Denied' });
    expect(await ask()).toEqual({
      status: 502,
      body: {
        code: 'credentials.access-denied',
        message: "the device certificate may not use the role alias 'lanacme'",
      },
    });
    expect((await ask()).status).toBe(200);
  });

  test('answers at ::1, too, where its socket says so, and at no other address but loopback', async () => {
    const { port } = new URL(url);
    const listenAt = async (...addresses: readonly string[]): Promise<void> => {
      const lines = ['', ...addresses].map((address) => `ListenStream=${address}\n`);
      await host.debian.write(`/etc/systemd/system/${socketUnit}.d/port.conf`, `[Socket]\n${lines.join('')}`);
      await host.debian.sh(`systemctl daemon-reload && systemctl restart ${socketUnit}`);
    };
    await listenAt(`127.0.0.1:${port}`, `[::1]:${port}`);
    for (const at of ['127.0.0.1', '[::1]', 'localhost'])
      expect(await ask(`http://${at}:${port}/credentials`)).toMatchObject({ status: 200 });
    await host.world.forgetRequests();
    await listenAt(`0.0.0.0:${port}`);
    const refused = ask().catch(() => undefined);
    await host.debian.until(`journalctl --quiet --unit=${serveUnit} --grep=endpoint.not-loopback`);
    expect((await host.world.counts()).credentials).toBe(0);
    await listenAt(`127.0.0.1:${port}`);
    await refused;
    expect((await ask()).status).toBe(200);
  });

  test('is not root’s: a unit without User= says what it lacks', async () => {
    await host.debian.write(dropIn, '[Service]\nUser=\nGroup=\nRestart=no\n');
    await host.debian.sh('systemctl daemon-reload');
    const refused = fetch(url).catch(() => undefined);
    const lacking = 'set User=lanacme in the service unit';
    await host.debian.until(`journalctl --quiet --unit=${serveUnit} --grep='${lacking}'`);
    await host.debian.sh(`rm ${dropIn} && systemctl daemon-reload`);
    // It was tried until systemd had enough.
    await host.debian.sh(`systemctl stop ${socketUnit} ${serveUnit} && systemctl start ${socketUnit}`);
    await refused;
    expect((await ask()).status).toBe(200);
  });

  test('restarted with its socket, again and again', async () => {
    for (let round = 1; round <= 3; round += 1) {
      expect((await ask()).status).toBe(200);
      await host.debian.sh(`systemctl restart ${socketUnit}`);
    }
    expect(await stateOf(socketUnit)).toBe('active');
  });
});

describe('who may', () => {
  const isRefused = async (user: string, path: string): Promise<boolean> => {
    const { code, stderr } = await host.debian.attempt(`runuser -u ${user} -- cat ${path}`);
    return code !== 0 && stderr.includes('Permission denied');
  };

  test('read the token: its group, and neither lanacme nor anybody else', async () => {
    expect((await ask()).status).toBe(200);
    expect(await host.debian.sh(`runuser -u www-data -- cat ${tokenFile}`)).toBe(token);
    for (const user of ['nobody', 'lanacme']) expect(await isRefused(user, tokenFile)).toBe(true);
    const handed = `/run/credentials/${serveUnit}/credentials-token`;
    for (const user of ['nobody', 'www-data']) expect(await isRefused(user, handed)).toBe(true);
  });

  test('write: the endpoint nowhere, what keeps the file to its folder alone', async () => {
    const writable = async (unit: string): Promise<readonly string[]> =>
      (await findInside(host, unit, '/ -writable ( -type f -o -type d )'))
        .filter((path) => !isNoPlace(path))
        .sort();
    expect(await writable('lanacme-credentials-serve')).toEqual([]);
    expect(await writable('lanacme-credentials')).toEqual(['/run/lanacme-credentials', '/tmp', '/var/tmp']);
    for (const unit of ['lanacme-credentials-serve', 'lanacme-credentials'])
      expect(await findInside(host, unit, '/tmp /var/tmp /home /root -mindepth 1')).toEqual([]);
  });
});

describe('by hand, with sudo', () => {
  test('lanacme credentials prints them, and goes on as user lanacme to ask', async () => {
    const { code, stdout } = await host.debian.attempt('sudo lanacme credentials');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Version: 1 });
  });

  test('a file in a folder of root’s is refused, since it is lanacme’s', async () => {
    await host.world.forgetRequests();
    const { code, stderr } = await host.debian.attempt('sudo lanacme credentials --output /root/credentials');
    expect(code).toBe(1);
    expect(stderr).toContain('credentials.output-unwritable');
    expect((await host.world.counts()).credentials).toBe(0);
    expect((await host.debian.attempt('test -e /root/credentials')).code).toBe(1);
  });

  test('lanacme credentials serve answers until it is ended by its signal', async () => {
    await host.debian.sh('install --directory --owner=lanacme --mode=0755 /run/by-hand');
    const own = `--port ${new URL(url).port} --token-file /run/by-hand/token --log-format pretty`;
    const script = `set -e
sudo lanacme credentials serve ${own} 2> /run/by-hand/said & run=$!
until grep -qs 'the token is in' /run/by-hand/said; do kill -0 $run; sleep 0.1; done
stat --format='%U %a' /run/by-hand/token
kill $run
code=0; wait $run || code=$?; echo $code`;
    await host.debian.sh(`systemctl stop ${socketUnit} ${serveUnit}`);
    const { stdout } = await host.debian.attempt(script);
    expect(stdout).toBe('lanacme 600\n143\n');
    await host.debian.sh(`systemctl start ${socketUnit}`);
  });
});

test('the journal holds neither the token nor a key of AWS', async () => {
  const { body } = await ask();
  const said = await host.debian.journal('--output=cat', '--lines=all');
  expect(said).toContain('new AWS credentials, good until');
  for (const secret of [token, body['SecretAccessKey'], body['Token']]) {
    expect(secret).toMatch(/./);
    expect(said).not.toContain(secret);
  }
});

test('after a boot the endpoint is there, and has asked AWS nothing yet', async () => {
  await host.debian.powerCut();
  await host.world.forgetRequests();
  await host.debian.boot();
  expect([await stateOf(socketUnit), await stateOf(serveUnit)]).toEqual(['active', 'inactive']);
  expect((await host.world.counts()).credentials).toBe(0);
  expect((await ask()).status).toBe(200);
});
