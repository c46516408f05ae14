import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { createServer } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { servedLeaf } from '../../src/io/served-leaf.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

const [one, other] = [
  await makeCertificateFiles({ names: ['one.example'] }),
  await makeCertificateFiles({ names: ['other.example'] }),
];
const never = new AbortController().signal;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
const der = (pem: string) => new Uint8Array(new X509Certificate(pem).raw);
const tlsServer = () => {
  const server = createServer({ key: one.privkey, cert: one.fullchain });
  server.addContext('other.example', { key: other.privkey, cert: other.fullchain });
  server.on('tlsClientError', () => undefined);
  return server;
};

it('asks for the name that is given, and trusts nothing', async () => {
  const port = await listen(tlsServer());
  const address = `127.0.0.1:${port}`;
  for (const [name, files] of [
    [undefined, one],
    ['other.example', other],
    ['127.0.0.1', one],
  ] as const) {
    const [answer, ...more] = await servedLeaf.ask(address, name, never);
    expect(more).toEqual([]);
    if (answer?.kind !== 'leaf') throw new Error('no leaf');
    expect([answer.address, new Uint8Array(answer.leaf)]).toEqual([address, der(files.cert)]);
  }
});

it('tells of every address of a name', async () => {
  const port = await listen(tlsServer());
  const answers = await servedLeaf.ask(`localhost:${port}`, undefined, never);
  expect(answers.find(({ address }) => address === `127.0.0.1:${port}`)?.kind).toBe('leaf');
  // Not every host has both.
  for (const answer of answers.filter(({ address }) => address.startsWith('[')))
    expect(answer).toMatchObject({
      kind: 'none',
      reason: expect.stringMatching(/^did not finish/) as string,
    });
});

it('tells why there is no certificate', async () => {
  const closed = await listen(createTcpServer());
  servers.pop()?.close();
  const silent = await listen(createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  expect(await servedLeaf.ask(`127.0.0.1:${closed}`, undefined, never)).toEqual([
    { kind: 'none', address: `127.0.0.1:${closed}`, reason: 'did not finish a TLS handshake: ECONNREFUSED' },
  ]);
  expect(await servedLeaf.ask(`127.0.0.1:${silent}`, undefined, never)).toMatchObject([
    { kind: 'none', reason: expect.stringMatching(/^did not finish a TLS handshake: \w+$/) as string },
  ]);
  expect(await servedLeaf.ask('no-such-name.invalid:443', undefined, never)).toMatchObject([
    {
      kind: 'none',
      address: 'no-such-name.invalid:443',
      reason: expect.stringMatching(/^has no address: /) as string,
    },
  ]);
});

it('ends at once when the run does', async () => {
  const port = await listen(createTcpServer());
  const stop = new AbortController();
  const asked = servedLeaf.ask(`127.0.0.1:${port}`, undefined, stop.signal);
  stop.abort(new Error('SIGTERM'));
  await expect(asked).rejects.toThrow('SIGTERM');
});
