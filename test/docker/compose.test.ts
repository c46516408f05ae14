/** The product whole, by one command: Pebble, the small AWS, lanacme, and nginx that serves what it is given. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { httpsRequest } from '../support/https-request.ts';
import { tlsLeaf } from '../support/tls-leaf.ts';
import { windowUnderWay } from '../support/window-under-way.ts';
import { type BaseImages, baseImages } from './base-images.ts';
import { type ComposeName, composeProject, eventually, isThere, type Project } from './compose.ts';
import { useEngine } from './engine.ts';

const engine = useEngine();
const servername = 'nas.lan.example';
const services = ['lanacme', 'nginx', 'pebble', 'world'] as const;
const kinds: ComposeName[] = ['Compose 2', 'docker-compose 1.29'];
const present: boolean[] = await Promise.all(kinds.map(isThere));

describe.each(kinds.filter((_, index) => present[index] === true))('with %s,', (compose) => {
  let project: Project;
  let port = 0;
  beforeAll(async () => {
    const images: BaseImages = await baseImages(engine());
    [port = 0] = await freePorts(1);
    const settings = { ...images, HTTPS_PORT: String(port), RENEW_INTERVAL: '3' };
    project = await composeProject(compose, engine(), settings);
    await project.up();
    await eventually(isServed, logs);
  });
  afterAll(async () => {
    await project.down();
  });

  const pebble = async (path: string, body?: unknown): Promise<string> => {
    const template = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const url = `https://${await project.inspect('pebble', template)}:15000${path}`;
    const answer = await httpsRequest(url, {
      isAnyServer: true,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const serialServed = async (): Promise<string> => (await tlsLeaf({ port, servername })).serialNumber;
  const isServed = async (): Promise<boolean> => (await serialServed().catch(() => '')) !== '';
  const logs = async (): Promise<string> =>
    (await Promise.all(services.map(async (service) => await project.log(service)))).join('\n');

  test('a client that trusts Pebble is served, and lanacme is healthy', async () => {
    const ca = await pebble('/roots/0');
    const answer = await httpsRequest(`https://127.0.0.1:${port}/`, { ca, servername });
    expect(answer).toMatchObject({
      status: 200,
      body: 'served with a certificate that lanacme keeps fresh\n',
    });
    expect(await project.inspect('lanacme', '{{.State.Health.Status}}')).toBe('healthy');
  });

  test('once the CA wants it renewed, nginx serves the new one', async () => {
    const before = await serialServed();
    const certificate = await project.execute(
      'lanacme',
      'cat',
      `/var/lib/lanacme/live/${servername}/cert.pem`,
    );
    const suggestion = JSON.stringify(windowUnderWay());
    await pebble('/set-renewal-info/', { Certificate: certificate, ARIResponse: suggestion });
    // By the lock of lanacme's runs: one that is under way would write what it has read before.
    await project.execute('lanacme', 'flock', '/var/lib/lanacme/lock', 'node', '--eval', forgetSuggestion);
    await eventually(async () => (await serialServed().catch(() => before)) !== before, logs);
    const live = await project.execute('lanacme', 'cat', `/var/lib/lanacme/live/${servername}/cert.pem`);
    const { serialNumber } = new X509Certificate(live);
    // For a moment after a reload the workers of before still answer.
    await eventually(async () => (await serialServed().catch(() => '')) === serialNumber, logs);
    expect(await project.log('nginx')).toContain('reconfiguring');
    expect(await project.log('lanacme')).toContain('ordering a certificate: the CA suggests to renew it');
  });

  test.each(services)(
    '%s is not root, has no capability, and cannot write to its own files',
    async (service) => {
      const pid = await project.inspect(service, '{{.State.Pid}}');
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const field = (name: string): string => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(status)?.[1] ?? '';
      expect(field('Uid')).toMatch(/^(1000\d)\t\1\t\1\t\1$/);
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(field(set)).toMatch(/^0+$/);
      expect(field('NoNewPrivs')).toBe('1');
      expect(await readFile(`/proc/${pid}/mountinfo`, 'utf8')).toMatch(/ \/ \/ ro,/);
    },
  );

  test('nginx reads the key that it serves with, and nothing else of lanacme', async () => {
    const read = `for file in live/${servername}/privkey.pem accounts certificates journal orders renewals.json
do (head -c 1 -- "$file" || ls -- "$file/") > /tmp/read 2>&1 && echo "$file"; done
touch x 2> /dev/null && echo written; ls /etc/lanacme 2> /dev/null`;
    const found = await project.execute('nginx', 'sh', '-c', `cd /var/lib/lanacme; ${read}; true`);
    expect(found).toBe(`live/${servername}/privkey.pem`);
  });

  test('an nginx that has died comes back', async () => {
    await project.execute('nginx', 'sh', '-c', 'kill -s KILL "$(cat /tmp/nginx.pid)"');
    await eventually(async () => (await project.inspect('nginx', '{{.RestartCount}}')) === '1', logs);
    await eventually(isServed, logs);
  });

  test('a run that is stopped while its challenge is out removes it first', async () => {
    const other = 'other.lan.example';
    const world = async (): Promise<string> => await project.log('world');
    const ofOther = async (action: string): Promise<boolean> =>
      (await world()).includes(`Route 53: ${action} TXT _acme-challenge.${other}.`);
    await engine().docker('kill', '--signal', 'USR2', await project.container('world'));
    await eventually(async () => (await world()).includes('changes stay PENDING'), logs);
    const said = await project.compose('run', '--detach', 'lanacme', 'issue', '--domain', other);
    const id = said.trim().split('\n').at(-1) ?? '';
    await eventually(async () => await ofOther('CREATE'), logs);
    await engine().docker('stop', '--time', '60', id);
    expect(await engine().docker('inspect', '--format', '{{.State.ExitCode}}', id)).toBe('143');
    // What a container has said is read by its engine a moment later.
    await eventually(async () => await ofOther('DELETE'), logs);
    await engine().docker('rm', id);
  });

  test('without a certificate it is unhealthy, and says which', async () => {
    await project.execute('lanacme', 'lanacme', 'delete', servername);
    const health = async (): Promise<string> => await project.inspect('lanacme', '{{.State.Health.Status}}');
    await eventually(async () => (await health()) === 'unhealthy', logs);
    expect(await project.inspect('lanacme', '{{(index .State.Health.Log 0).Output}}')).not.toBe('');
  });

  test('it ends at once, with 0', async () => {
    await engine().docker('stop', '--time', '60', await project.container('lanacme'));
    expect(await project.inspect('lanacme', '{{.State.ExitCode}}')).toBe('0');
  });
});

/** As if the CA had never been asked: it may be asked again at once. */
const forgetSuggestion = `
const fs = require('node:fs');
const file = '/var/lib/lanacme/certificates/${servername}.json';
const { ari, ...record } = JSON.parse(fs.readFileSync(file, 'utf8'));
fs.writeFileSync(file, JSON.stringify(record));
fs.rmSync('/var/lib/lanacme/renewals.json', { force: true });`;
