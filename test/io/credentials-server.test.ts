import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import type { EndpointAnswer, EndpointRequest } from '../../src/core/credentials-endpoint.ts';
import { makeCredentialsServer } from '../../src/io/credentials-server.ts';
import type { Listening } from '../../src/ports/serve-credentials.ts';

const answer: EndpointAnswer = { status: 200, headers: { 'x-mark': 'lan' }, body: '{"a":1}' };

let open: Listening[] = [];
afterEach(async () => {
  for (const listening of open) await listening.close(AbortSignal.abort());
  open = [];
});

async function served(
  answerer: (request: EndpointRequest) => Promise<EndpointAnswer> = async () => await Promise.resolve(answer),
): Promise<Listening> {
  const listening = await makeCredentialsServer({ port: 0, descriptors: [] }).listen(answerer);
  open.push(listening);
  return listening;
}

/** What the server sends for these bytes until it closes. */
async function exchange(
  { origins: [origin = ''] }: Pick<Listening, 'origins'>,
  bytes: string,
): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  socket.write(bytes);
  return await text(socket);
}

test('it listens on loopback alone, at each address that the host has, on one port', async () => {
  const { origins, isActivated } = await served();
  const [port] = origins.map((origin) => new URL(origin).port);
  expect(isActivated).toBe(false);
  expect(origins).toContain(`http://127.0.0.1:${port}`);
  for (const origin of origins) {
    const response = await fetch(`${origin}/credentials`);
    expect([response.status, response.headers.get('x-mark')]).toEqual([200, 'lan']);
    expect(await response.json()).toEqual({ a: 1 });
  }
});

test('it hands on what was asked, repeated headers as they came', async () => {
  const seen: EndpointRequest[] = [];
  const listening = await served(async (request) => {
    seen.push(request);
    return await Promise.resolve({ ...answer, status: 401 });
  });
  const lines = ['GET /x?y HTTP/1.1', 'Host: a', 'Host: b', 'Authorization: c', 'Authorization: d', '', ''];
  await exchange(listening, lines.join('\r\n'));
  expect(seen).toEqual([
    { method: 'GET', target: '/x?y', hosts: ['a', 'b'], authorizations: ['c', 'd'], hasBody: false },
  ]);
});

test.each(['100-continue', 'coffee'])(
  'what a client expects is not answered before its request: %s',
  async (expects) => {
    const listening = await served(async () => await Promise.resolve({ ...answer, status: 401 }));
    expect(await exchange(listening, `GET / HTTP/1.1\r\nHost: a\r\nExpect: ${expects}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 401 /,
    );
  },
);

test('of thousands of headers none is overlooked', async () => {
  let hosts: readonly string[] = [];
  const listening = await served(async (request) => {
    ({ hosts } = request);
    return await Promise.resolve({ ...answer, status: 401 });
  });
  await exchange(listening, `GET / HTTP/1.1\r\nHost: a\r\n${'x:\r\n'.repeat(2000)}Host: b\r\n\r\n`);
  expect(hosts).toEqual(['a', 'b']);
});

test('a thousand connections that say nothing keep nobody out', async () => {
  const listening = await served();
  const { hostname, port } = new URL(listening.origins[0] ?? '');
  const silent = Array.from({ length: 1000 }, () => connect({ host: hostname, port: Number(port) }));
  for (const socket of silent) socket.on('error', () => undefined);
  await Promise.all(
    silent.map(async (socket) => {
      await once(socket, 'connect');
    }),
  );
  const request = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  expect(await exchange(listening, request)).toContain('{"a":1}');
  for (const socket of silent) socket.destroy();
});

test('one that is too slow is ended, and gets nothing', { timeout: 20_000 }, async () => {
  const listening = await served();
  const begun = ['', 'GET', 'GET / HTTP/1.1\r\nHost: a\r\n'];
  const said = await Promise.all(begun.map(async (bytes) => await exchange(listening, bytes)));
  expect(said).toEqual(['', '', '']);
});

describe('a request gets no credentials, and the connection ends:', () => {
  test.each([
    ['what is no HTTP', 'hello\r\n\r\n', ''],
    ['headers of 16 kB', `GET / HTTP/1.1\r\nHost: a\r\nx: ${'y'.repeat(16_384)}\r\n\r\n`, ''],
    [
      'two lengths of a body',
      'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      '',
    ],
    ['none of HTTP/1.1 without a host', 'GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 400'],
  ])('%s', async (_what, bytes, begins) => {
    const said = await exchange(await served(), bytes);
    expect(said.startsWith(begins)).toBe(true);
    expect(said).not.toContain('{"a":1}');
  });
});

test.each(['Content-Length: 5', 'Transfer-Encoding: chunked'])(
  'a body is noticed, and never read: %s',
  async (header) => {
    const listening = await served(async ({ hasBody }) => {
      expect(hasBody).toBe(true);
      return await Promise.resolve({ status: 400, headers: {}, body: '' });
    });
    expect(await exchange(listening, `GET / HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400/,
    );
  },
);

test('what the answerer throws is 500 without a word about it', async () => {
  const listening = await served(async () => await Promise.reject(new Error('a secret')));
  const said = await exchange(listening, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  expect(said).toMatch(/^HTTP\/1.1 500/);
  expect(said).not.toContain('a secret');
});

test('a port that another program has is refused, at either address', async () => {
  const listening = await served();
  const port = Number(new URL(listening.origins[0] ?? '').port);
  const failure = {
    code: 'endpoint.unavailable',
    message: expect.stringContaining(`127.0.0.1 port ${port}`) as string,
  };
  const second = makeCredentialsServer({ port, descriptors: [] });
  await expect(second.listen(async () => await Promise.resolve(answer))).rejects.toMatchObject(failure);
});

test('the end waits for the answers in hand, and not longer than it is told', async () => {
  const controller = new AbortController();
  let finish: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const listening = await served(async () => {
    finish();
    return await new Promise<EndpointAnswer>(() => undefined);
  });
  const said = exchange(listening, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await asked;
  const closed = listening.close(controller.signal);
  controller.abort();
  await closed;
  expect(await said).toBe('');
});

describe('a socket of systemd', () => {
  const serve = `
    import { makeCredentialsServer } from ${JSON.stringify(new URL('../../src/io/credentials-server.ts', import.meta.url).href)};
    const server = makeCredentialsServer({ port: 0, descriptors: [3] });
    try {
      const { origins, isActivated } = await server.listen(async () => (${JSON.stringify(answer)}));
      console.log(JSON.stringify({ origins, isActivated }));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code }));
      process.exit();
    }
  `;

  /** A process of its own with the socket as descriptor 3, and the first line that it says. */
  async function inProcess(host: string, use: (said: unknown) => Promise<void>): Promise<void> {
    const socket: Server = createServer();
    await once(socket.listen(0, host), 'listening');
    const { _handle: handle } = socket as unknown as { readonly _handle: { readonly fd: number } };
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', serve], {
      stdio: ['ignore', 'pipe', 'inherit', handle.fd],
    });
    try {
      const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
      // This process would accept connections, too.
      socket.close();
      await use(JSON.parse(line.toString()));
    } finally {
      child.kill();
    }
  }

  test('is served as it is', async () => {
    await inProcess('127.0.0.1', async (said) => {
      const { origins, isActivated } = said as Listening;
      expect(isActivated).toBe(true);
      expect(await exchange({ origins }, 'GET / HTTP/1.0\r\n\r\n')).toContain('{"a":1}');
    });
  });

  test('that others can reach is refused', async () => {
    await inProcess('0.0.0.0', async (said) => {
      await Promise.resolve();
      expect(said).toEqual({ code: 'endpoint.not-loopback' });
    });
  });
});
