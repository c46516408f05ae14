import { writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ServerOptions } from 'node:https';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { type IotCredentialsOptions, makeIotCredentials } from '../../src/io/iot-credentials.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type Issued, makeCa, type TestCa } from '../world/pki.ts';
import { closedPort, connectionOf, type Running, startProxy, startTcp, startTls } from './tls-server.ts';

const session = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'the+secret/key',
  sessionToken: 'IQoJtoken==',
  expiration: '2099-01-01T00:00:00Z',
};
const signal = new AbortController().signal;

let ca: TestCa;
let identity: Issued;
let device: Issued;
let folder: TempFolder;
let clock: FakeClock;
let log: FakeLog;
const running: Running[] = [];

beforeAll(async () => {
  ca = await makeCa();
  identity = await ca.issueServer({ names: ['localhost', 'c1.credentials.iot.test'] });
  device = await ca.issueDevice({ commonName: 'dashboard' });
});
beforeEach(async () => {
  folder = await makeTempFolder('iot');
  clock = new FakeClock(new Date().toISOString());
  log = new FakeLog();
  await write('ca.pem', ca.certPem);
  await install(device);
});
afterEach(async () => {
  await Promise.all(
    running.splice(0).map(async (server) => {
      await server.stop();
    }),
  );
  await folder.remove();
});

async function write(name: string, content: string): Promise<void> {
  await writeFile(path.join(folder.path, name), content, { mode: 0o600 });
}

async function install({ certPem, keyPem }: Issued): Promise<void> {
  await write('cert.pem', certPem);
  await write('key.pem', keyPem);
}

type Overrides = Partial<Omit<IotCredentialsOptions, 'caFile'>> & { readonly trust?: 'amazon' };

function source(port: number, { trust, ...more }: Overrides = {}) {
  return makeIotCredentials({
    endpoint: `localhost:${port}`,
    roleAlias: 'lan=certificates',
    thingName: 'dashboard',
    certFile: path.join(folder.path, 'cert.pem'),
    keyFile: path.join(folder.path, 'key.pem'),
    ...(trust === 'amazon' ? {} : { caFile: path.join(folder.path, 'ca.pem') }),
    clock,
    random: { number: () => 0.5, hex: () => '00' },
    log,
    ...more,
  });
}

async function serve<T extends Running>(starting: Promise<T>): Promise<T> {
  const server = await starting;
  running.push(server);
  return server;
}

const mutual = async (handler: RequestListener, options: ServerOptions = {}) =>
  await serve(startTls(identity, handler, { requestCert: true, ca: ca.certPem, ...options }));

const give = (response: ServerResponse, body: unknown = { credentials: session }): void => {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
};

async function refusalOf(asking: Promise<unknown>): Promise<LanacmeError> {
  const error: unknown = await asking.then(
    () => 'it gave credentials',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LanacmeError);
  return error as LanacmeError;
}

describe('credentials for a device certificate', () => {
  it('are asked for by SNI, client certificate, escaped alias and thing name', async () => {
    const seen: unknown[] = [];
    const server = await mutual((request: IncomingMessage, response) => {
      seen.push(request.method, request.url, request.headers['x-amzn-iot-thingname'], connectionOf(request));
      give(response);
    });
    expect(await source(server.port)(signal)).toEqual({
      ...session,
      expiration: new Date(session.expiration),
    });
    expect(seen).toEqual([
      'GET',
      '/role-aliases/lan%3Dcertificates/credentials',
      'dashboard',
      { servername: 'localhost', clientName: 'dashboard' },
    ]);
    expect(JSON.stringify(log.lines)).not.toMatch(/secret|IQoJ/);
  });

  it('come through a proxy, too', async () => {
    const server = await mutual((_request, response) => {
      give(response);
    });
    const proxy = await serve(startProxy());
    const endpoint = `https://c1.credentials.iot.test:${server.port}`;
    await source(server.port, { endpoint, httpsProxy: `http://127.0.0.1:${proxy.port}` })(signal);
    expect(proxy.tunnels).toEqual([`c1.credentials.iot.test:${server.port}`]);
  });

  it('come with the device certificate that is on disk at that moment', async () => {
    const names: unknown[] = [];
    const server = await mutual((request, response) => {
      names.push(connectionOf(request).clientName);
      give(response);
    });
    const ask = source(server.port);
    await ask(signal);
    await install(await ca.issueDevice({ commonName: 'rotated' }));
    await ask(signal);
    expect(names).toEqual(['dashboard', 'rotated']);
  });

  it('come with a warning when the clock of this host is off', async () => {
    const server = await mutual((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 600_000).toUTCString());
      give(response);
    });
    await source(server.port)(signal);
    expect(log.lines).toContainEqual(
      expect.stringMatching(/^warn: the clock of this host is 10 min slow by the clock of AWS/),
    );
  });

  it.each([500, 503, 429])('are asked for again after status %i, with a wait', async (status) => {
    let asked = 0;
    const server = await mutual((_request, response) => {
      asked += 1;
      if (asked < 3) response.writeHead(status).end();
      else give(response);
    });
    await source(server.port)(signal);
    expect([asked, clock.slept]).toEqual([3, [250, 500]]);
  });

  it.each([429, 503])('are asked for again after status %i not before AWS wants it', async (status) => {
    let asked = 0;
    const server = await mutual((_request, response) => {
      asked += 1;
      if (asked < 2) response.writeHead(status, { 'retry-after': '7' }).end();
      else give(response);
    });
    await source(server.port)(signal);
    expect([asked, clock.slept]).toEqual([2, [7250]]);
  });

  it('are asked for again when the connection was reset or the answer cut', async () => {
    let asked = 0;
    const server = await mutual((request, response) => {
      asked += 1;
      if (asked === 1) request.socket.destroy();
      else if (asked === 2)
        response.writeHead(200, { 'content-length': 999 }).write('{"cred', () => request.socket.destroy());
      else give(response);
    });
    await source(server.port)(signal);
    expect(asked).toBe(3);
  });
});

describe('no credentials', () => {
  it.each([
    [403, '{"message":"Invalid thing name passed"}', 'credentials.thing-name-refused', 1],
    [403, '{"message":"Access Denied"}', 'credentials.access-denied', 1],
    [404, '{"message":"Not Found","traceId":"1"}', 'credentials.wrong-endpoint', 1],
    [200, '{"credentials":{"accessKeyId":"half', 'credentials.bad-answer', 1],
    [200, 'x'.repeat(70_000), 'credentials.bad-answer', 1],
    [500, '', 'credentials.server-error', 4],
    [429, '', 'credentials.throttled', 4],
  ])('%i %s is %s after %i requests', async (status, body, code, requests) => {
    let asked = 0;
    const server = await mutual((_request, response) => {
      asked += 1;
      response.writeHead(status).end(body);
    });
    const error = await refusalOf(source(server.port)(signal));
    expect([error.code, asked]).toEqual([code, requests]);
  });

  it.each([
    [503, 'credentials.server-error'],
    [429, 'credentials.throttled'],
  ])('%i after one request, where AWS wants more time than there is', async (status, code) => {
    let asked = 0;
    const server = await mutual((_request, response) => {
      asked += 1;
      response.writeHead(status, { 'retry-after': '120' }).end();
    });
    const at = new Date(clock.now().getTime() + 120_000);
    const error = await refusalOf(source(server.port)(signal));
    expect([error.code, error.retryAt, asked, clock.slept]).toEqual([code, at, 1, []]);
    expect(error.details).toContain(
      `it asks to be left alone until ${at.toISOString().replace(/\.\d+Z$/, 'Z')}`,
    );
  });

  it('from a session that has ended already', async () => {
    const server = await mutual((_request, response) => {
      give(response, { credentials: { ...session, expiration: '2020-01-01T00:00:00Z' } });
    });
    expect((await refusalOf(source(server.port)(signal))).code).toBe('credentials.already-expired');
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'for a certificate that the server does not know (%s)',
    async (version) => {
      const stranger = await makeCa({ commonName: 'another CA' });
      await install(await stranger.issueDevice());
      const server = await mutual(
        (_request, response) => {
          give(response);
        },
        { minVersion: version, maxVersion: version },
      );
      const error = await refusalOf(source(server.port)(signal));
      // Node's server hangs up without an alert.
      expect(error.code).toBe('credentials.certificate-refused');
      expect(error.message).toMatch(/^localhost:\d+ closed the connection without an answer /);
      expect(error.hint).toMatch(/ACTIVE/);
      expect(clock.slept).toHaveLength(3);
    },
  );

  it('for a certificate that the server refuses with an alert', async () => {
    const certificateUnknown = Buffer.of(21, 3, 3, 0, 2, 2, 46);
    const server = await serve(
      startTcp((socket) => socket.once('data', () => socket.end(certificateUnknown))),
    );
    const error = await refusalOf(source(server.port)(signal));
    expect([error.code, error.message, clock.slept]).toEqual([
      'credentials.certificate-refused',
      `localhost:${server.port} refused the device certificate in the TLS handshake`,
      [],
    ]);
  });

  it('over a connection that is reset', async () => {
    const server = await serve(startTcp((socket) => socket.once('data', () => socket.resetAndDestroy())));
    const error = await refusalOf(source(server.port)(signal));
    expect([error.code, clock.slept.length]).toEqual(['credentials.unreachable', 3]);
  });

  it('from a server whose root is not one of Amazon, unless it is given', async () => {
    const server = await mutual((_request, response) => {
      give(response);
    });
    const error = await refusalOf(source(server.port, { trust: 'amazon' })(signal));
    expect(error.code).toBe('credentials.server-untrusted');
    expect(error.hint).toContain('--iot-ca');
  });

  it('where nothing listens, or there is no such host', async () => {
    const port = await closedPort();
    const absent = await refusalOf(source(port)(signal));
    expect([absent.code, absent.message]).toEqual([
      'credentials.unreachable',
      expect.stringMatching(`^nothing listens at localhost:${port} `),
    ]);
    const unknown = await refusalOf(source(port, { endpoint: 'c1.credentials.iot.invalid' })(signal));
    expect([unknown.code, clock.slept]).toEqual(['credentials.unreachable', []]);
    expect(unknown.hint).toContain('describe-endpoint');
  });

  it('from something that does not speak TLS', async () => {
    const server = await serve(startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const error = await refusalOf(source(server.port)(signal));
    expect([error.code, error.message]).toEqual([
      'credentials.unreachable',
      `no TLS connection with localhost:${server.port} (wrong version number)`,
    ]);
  });

  it('when the wait is aborted: the reason is thrown', async () => {
    const reason = new Error('told to stop');
    const aborting = new AbortController();
    const server = await mutual((_request, response) => {
      response.writeHead(500).end();
    });
    clock.onSleep = () => {
      aborting.abort(reason);
    };
    await expect(source(server.port)(aborting.signal)).rejects.toBe(reason);
  });

  it('with a file of roots that holds none', async () => {
    await write('ca.pem', 'hello');
    const error = await refusalOf(source(1)(signal));
    expect([error.code, error.outcome]).toEqual(['config.invalid-value', 'usage']);
    expect(error.message).toBe(
      `--iot-ca: ${path.join(folder.path, 'ca.pem')} holds no certificate in PEM form`,
    );
    await write('ca.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    expect((await refusalOf(source(1)(signal))).message).toMatch(/holds a certificate that cannot be read$/);
  });

  it('for a data endpoint: refused at once, before anything is read or sent', () => {
    expect(() => source(1, { endpoint: 'c1-ats.iot.eu-central-1.amazonaws.com' })).toThrow(LanacmeError);
  });
});
