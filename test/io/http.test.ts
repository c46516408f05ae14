import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type HttpClient, HttpFailure, type HttpOptions, makeHttpClient } from '../../src/io/http.ts';
import { daysFromNow, type Issued, makeCa, type TestCa } from '../world/pki.ts';
import {
  closedPort,
  connectionOf,
  type Running,
  type SeenConnection,
  startProxy,
  startTcp,
  startTls,
} from './tls-server.ts';

let ca: TestCa;
let identity: Issued;
let device: Issued;
beforeAll(async () => {
  ca = await makeCa();
  identity = await ca.issueServer({ names: ['localhost', '127.0.0.1', 'route53.test'] });
  device = await ca.issueDevice({ commonName: 'dashboard' });
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(
    cleanups.splice(0).map(async (cleanup) => {
      await cleanup();
    }),
  );
});

function client(options: HttpOptions = { extraRoots: [ca.certPem] }): HttpClient {
  const made = makeHttpClient(options);
  cleanups.push(async () => {
    await made.close();
  });
  return made;
}

async function serve<T extends Running>(starting: Promise<T>): Promise<T> {
  const running = await starting;
  cleanups.push(async () => {
    await running.stop();
  });
  return running;
}

const echo: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json');
  request.setEncoding('utf8').on('data', (body: string) => response.write(JSON.stringify({ body })));
  request.on('end', () => response.end());
};

const signal = new AbortController().signal;
const ask = async (via: HttpClient, url: string, more: object = {}) =>
  await via.request({ method: 'GET', url, signal, ...more });

async function failureOf(asking: Promise<unknown>): Promise<HttpFailure> {
  const error: unknown = await asking.then(
    () => 'it answered',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(HttpFailure);
  return error as HttpFailure;
}

describe('an answer', () => {
  it('comes back whole, whatever its status, with repeated headers joined', async () => {
    const server = await serve(
      startTls(identity, (_request, response) => {
        response.writeHead(429, { Link: ['<a>;rel="up"', '<b>;rel="alternate"'], 'Retry-After': '7' });
        response.end('slower');
      }),
    );
    const answer = await ask(client(), `https://localhost:${server.port}/`);
    expect(answer.status).toBe(429);
    expect(answer.headers).toMatchObject({ link: '<a>;rel="up", <b>;rel="alternate"', 'retry-after': '7' });
    expect(answer.body.toString()).toBe('slower');
  });

  it('to a POST has seen the body and the headers that were given', async () => {
    const seen: unknown[] = [];
    const server = await serve(
      startTls(identity, (request, response) => {
        seen.push(
          request.method,
          request.url,
          request.headers['content-type'],
          request.headers['user-agent'],
        );
        echo(request, response);
      }),
    );
    const answer = await ask(client(), `https://localhost:${server.port}/new%20order?a=%2B`, {
      method: 'POST',
      headers: { 'content-type': 'application/jose+json' },
      body: '{"a":1}',
    });
    expect(JSON.parse(answer.body.toString())).toEqual({ body: '{"a":1}' });
    expect(seen).toEqual(['POST', '/new%20order?a=%2B', 'application/jose+json', 'lanacme/dev']);
  });

  it('that redirects is returned, not followed', async () => {
    const server = await serve(
      startTls(identity, (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end()),
    );
    expect((await ask(client(), `https://localhost:${server.port}/`)).status).toBe(302);
  });

  it('to several requests comes over connections used again, spoken in HTTP/1.1', async () => {
    const ports = new Set<unknown>();
    const server = await serve(
      startTls(identity, (request, response) => {
        ports.add(request.socket.remotePort);
        response.end(request.httpVersion);
      }),
    );
    const via = client();
    for (let count = 0; count < 5; count += 1)
      expect((await ask(via, `https://localhost:${server.port}/`)).body.toString()).toBe('1.1');
    // The next request may begin before the last one's connection counts as free.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe('trust', () => {
  it('is refused to a server whose root nobody gave us', async () => {
    const server = await serve(startTls(identity, echo));
    const failure = await failureOf(ask(client({}), `https://localhost:${server.port}/`));
    expect(failure.kind).toBe('untrusted');
    expect(failure.message).toBe(
      `the certificate of localhost:${server.port} is not trusted (unable to verify the first certificate)`,
    );
    expect(failure.cause).toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  });

  it('is refused to a certificate that is expired or for another name', async () => {
    const old = { notBefore: new Date('2020-01-01'), notAfter: new Date('2020-02-01') };
    const expired = await ca.issueServer({ names: ['localhost'], validity: old });
    const other = await ca.issueServer({ names: ['other.test'], validity: daysFromNow(1) });
    for (const wrong of [expired, other]) {
      const server = await serve(startTls(wrong, echo));
      expect((await failureOf(ask(client(), `https://localhost:${server.port}/`))).kind).toBe('untrusted');
    }
  });

  it('in what Node trusts, NODE_EXTRA_CA_CERTS included, stays when roots are added and goes when they are replaced', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'lanacme-http-'));
    cleanups.push(async () => {
      await rm(folder, { recursive: true });
    });
    const file = path.join(folder, 'extra.pem');
    await writeFile(file, ca.certPem);
    const other = await makeCa({ commonName: 'the other CA' });
    const ofExtra = await serve(startTls(identity, echo));
    const ofOther = await serve(startTls(await other.issueServer({ names: ['localhost'] }), echo));
    const script = `
      import { rootCertificates } from 'node:tls';
      import { makeHttpClient } from './src/io/http.ts';
      import { nodeRoots } from './src/io/trusted-roots.ts';
      const signal = new AbortController().signal;
      const result = { keepsNodesOwn: rootCertificates.every((root) => nodeRoots().includes(root)) };
      for (const [name, options] of Object.entries(JSON.parse(process.argv[1]))) {
        const http = makeHttpClient(options);
        result[name] = await Promise.all([${ofExtra.port}, ${ofOther.port}].map((port) =>
          http.request({ method: 'GET', url: 'https://localhost:' + port, signal }).then((a) => a.status, (e) => e.kind)));
        await http.close();
      }
      console.log(JSON.stringify(result));`;
    const roots = [other.certPem];
    const options = JSON.stringify({ none: {}, added: { extraRoots: roots }, instead: { onlyRoots: roots } });
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', script, options],
      { env: { ...process.env, NODE_EXTRA_CA_CERTS: file } },
    );
    expect(JSON.parse(stdout)).toEqual({
      keepsNodesOwn: true,
      none: [200, 'untrusted'],
      added: [200, 200],
      instead: ['untrusted', 200],
    });
  });
});

describe('the client certificate', () => {
  const mutual = () => ({ requestCert: true, ca: ca.certPem });

  it('is shown to the server, whose name is asked for by SNI', async () => {
    const seen: SeenConnection[] = [];
    const server = await serve(
      startTls(
        identity,
        (request, response) => {
          seen.push(connectionOf(request));
          response.end();
        },
        mutual(),
      ),
    );
    const via = client({ onlyRoots: [ca.certPem], cert: device.certPem, key: device.keyPem });
    await ask(via, `https://localhost:${server.port}/`);
    expect(seen).toEqual([{ servername: 'localhost', clientName: 'dashboard' }]);
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)(
    'refused by the server with an alert in %s is a TLS failure',
    async (version) => {
      const server = await serve(
        startTls(identity, echo, { ...mutual(), minVersion: version, maxVersion: version }),
      );
      const failure = await failureOf(ask(client(), `https://localhost:${server.port}/`));
      // A server may also just hang up: both come from Node's TLS server, depending on who is faster.
      expect(['tls', 'reset']).toContain(failure.kind);
    },
  );
});

describe('a proxy', () => {
  it('opens a tunnel by CONNECT, in which the TLS with the server is ours, client certificate and SNI included', async () => {
    const seen: SeenConnection[] = [];
    const server = await serve(
      startTls(
        identity,
        (request, response) => {
          seen.push(connectionOf(request));
          response.end('through');
        },
        { requestCert: true, ca: ca.certPem },
      ),
    );
    const proxy = await serve(startProxy());
    const via = client({
      extraRoots: [ca.certPem],
      cert: device.certPem,
      key: device.keyPem,
      httpsProxy: `http://us%20er:pass@127.0.0.1:${proxy.port}`,
    });
    const answer = await ask(via, `https://route53.test:${server.port}/`);
    expect(answer.body.toString()).toBe('through');
    expect(seen).toEqual([{ servername: 'route53.test', clientName: 'dashboard' }]);
    expect(proxy.tunnels).toEqual([`route53.test:${server.port}`]);
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('us er:pass').toString('base64')}`]);
  });

  it('is left aside for the hosts of NO_PROXY', async () => {
    const server = await serve(startTls(identity, echo));
    const proxy = await serve(startProxy());
    const options = { extraRoots: [ca.certPem], httpsProxy: `127.0.0.1:${proxy.port}` };
    await ask(client({ ...options, noProxy: 'localhost' }), `https://localhost:${server.port}/`);
    expect(proxy.tunnels).toEqual([]);
    await ask(client({ ...options, noProxy: 'elsewhere' }), `https://localhost:${server.port}/`);
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('that refuses, or is not there, is named without its password', async () => {
    const proxy = await serve(startProxy(403));
    const via = (port: number) => client({ httpsProxy: `http://user:secret@127.0.0.1:${port}` });
    const refused = await failureOf(ask(via(proxy.port), 'https://route53.test/'));
    expect(refused.kind).toBe('unreachable');
    expect(refused.message).toBe(
      `no way to route53.test through the proxy 127.0.0.1:${proxy.port} (Proxy response (403) !== 200 when HTTP Tunneling)`,
    );
    const port = await closedPort();
    const absent = await failureOf(ask(via(port), 'https://route53.test/'));
    expect(absent.kind).toBe('refused');
    expect(absent.message).toBe(
      `nothing listens at route53.test through the proxy 127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port})`,
    );
  });
});

describe('without an answer', () => {
  it.each<[string, (port: number) => string, string]>([
    ['nothing listens', (port) => `https://127.0.0.1:${port}/`, 'refused'],
    ['there is no such name', () => 'https://nothing.invalid/', 'dns'],
  ])('%s', async (_title, url, kind) => {
    expect((await failureOf(ask(client(), url(await closedPort())))).kind).toBe(kind);
  });

  it.each<[string, (socket: Socket) => unknown, string]>([
    ['the server hangs up at once', (socket) => socket.destroy(), 'reset'],
    [
      'the server hangs up in the middle of the headers',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-'),
      'reset',
    ],
    [
      'the server resets after the headers',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf', () => socket.resetAndDestroy()),
      'cut-off',
    ],
    [
      'the server ends before the length it gave',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
      'cut-off',
    ],
    [
      'the server ends in the middle of a chunk',
      (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nhalf'),
      'cut-off',
    ],
    ['the server does not speak HTTP', (socket) => socket.end('220 mail.test ESMTP\r\n'), 'cut-off'],
    [
      'the headers never end',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\na: ${'x'.repeat(100_000)}`),
      'too-large',
    ],
    [
      'the body is larger than asked for',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n${'x'.repeat(101)}`),
      'too-large',
    ],
    ['the server says nothing', () => undefined, 'timeout'],
    [
      'the server stops in the middle of the body',
      (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf'),
      'timeout',
    ],
  ])('%s', async (_title, behave, kind) => {
    const server = await serve(startTcp((socket) => socket.once('data', () => void behave(socket))));
    // Short only where no answer is to come: a busy machine takes its time.
    const via = client(kind === 'timeout' ? { headersTimeoutMs: 100 } : {});
    expect((await failureOf(ask(via, `http://127.0.0.1:${server.port}/`, { maxBytes: 100 }))).kind).toBe(
      kind,
    );
  });

  it('a TLS handshake that nobody answers runs into the connect limit', async () => {
    const server = await serve(startTcp(() => undefined));
    const failure = await failureOf(
      ask(client({ connectTimeoutMs: 100 }), `https://127.0.0.1:${server.port}/`),
    );
    expect(failure.kind).toBe('timeout');
  });

  it('a body that drips for ever runs into the total limit', async () => {
    let drips: NodeJS.Timeout | undefined;
    const server = await serve(
      startTcp((socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        drips = setInterval(() => socket.write('.'), 10);
        socket.on('close', () => {
          clearInterval(drips);
        });
      }),
    );
    const failure = await failureOf(ask(client({ totalTimeoutMs: 200 }), `http://127.0.0.1:${server.port}/`));
    expect([failure.kind, failure.message]).toEqual([
      'timeout',
      `no whole answer from 127.0.0.1:${server.port} within 0.2 s`,
    ]);
  });

  it('a server that speaks no TLS is a TLS failure in words for people', async () => {
    const server = await serve(startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    const failure = await failureOf(ask(client(), `https://127.0.0.1:${server.port}/`));
    expect(failure.kind).toBe('tls');
    expect(failure.message).toBe(`no TLS connection with 127.0.0.1:${server.port} (wrong version number)`);
  });

  it('aborting throws the reason of the signal, before and during the exchange', async () => {
    const reason = new Error('told to stop');
    const aborting = new AbortController();
    const server = await serve(
      startTcp((socket) =>
        socket.once('data', () => {
          aborting.abort(reason);
        }),
      ),
    );
    const request = {
      method: 'GET' as const,
      url: `http://127.0.0.1:${server.port}/`,
      signal: aborting.signal,
    };
    await expect(client().request(request)).rejects.toBe(reason);
    await expect(client().request(request)).rejects.toBe(reason);
  });

  it('closing the client ends what is under way', async () => {
    const via = makeHttpClient({});
    const server = await serve(startTcp((socket) => socket.once('data', () => void via.close())));
    expect((await failureOf(ask(via, `http://127.0.0.1:${server.port}/`))).kind).toBe('aborted');
  });
});
