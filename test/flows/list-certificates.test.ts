import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CertificateName, parseCertificateName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { listCertificates } from '../../src/flows/list-certificates.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld } from './issue-world.ts';

const first = parseCertificateName('a.example');
const second = parseCertificateName('b.example');
const third = parseCertificateName('c.example');

describe('certificates of this host', () => {
  let folder: TempFolder;
  let world: IssueWorld;
  let stateDir: string;

  beforeAll(async () => {
    folder = await makeTempFolder('list');
  });
  afterAll(async () => {
    await folder.remove();
  });
  beforeEach(async () => {
    world = new IssueWorld(folder.path);
    stateDir = world.stateDir;
    await rm(stateDir, { recursive: true, force: true });
  });

  async function list(wanted?: CertificateName): ReturnType<typeof listCertificates> {
    return await listCertificates(wanted, { certificates: world.certificates, clock: world.clock });
  }

  it('are none on a host that has no state yet', async () => {
    expect(await list()).toEqual({ rows: [], failures: [] });
  });

  it('are listed by name, or the one that is asked for', async () => {
    for (const name of [second, first]) await world.issue({ name });
    const { rows, failures } = await list();
    expect(rows).toMatchObject([
      { name: first, domains: ['lan.example', '*.lan.example'], deployed: true, error: null },
      { name: second, path: join(stateDir, 'live', second) },
    ]);
    expect(failures).toEqual([]);
    expect((await list(second)).rows).toMatchObject([{ name: second }]);
  });

  it('one that is damaged does not hide the others, and is told of in its row and as a failure', async () => {
    for (const name of [first, second, third]) await world.issue({ name });
    await writeFile(join(stateDir, 'certificates', `${first}.json`), 'not JSON');
    await rm(join(stateDir, 'archive', second, '0001', 'privkey.pem'));
    const { rows, failures } = await list();
    expect(rows).toMatchObject([
      { name: first, notAfter: null, deployed: false, error: { code: 'state.broken' } },
      { name: second, notAfter: null, deployed: false, error: { code: 'state.broken' } },
      { name: third, error: null },
    ]);
    expect(failures).toMatchObject([
      { certificate: first, error: { message: expect.stringContaining('is not JSON') as string } },
      { certificate: second, error: { message: expect.stringContaining('lacks privkey.pem') as string } },
    ]);
  });

  it('are not deployed while root owes one of its hooks', async () => {
    await world.issue({ name: first });
    const ports = { certificates: world.certificates, clock: world.clock };
    const hooks = [{ command: 'as root', wanted: '0001' }];
    const owed = await listCertificates(first, { ...ports, rootHooks: { states: () => hooks } });
    expect(owed).toMatchObject({
      rows: [{ deployed: false, hooks: [{ command: 'as root' }] }],
      failures: [],
    });

    const error = new LanacmeError('state.unreadable', 'permission denied', { hint: 'ask root' });
    const states = (): never => {
      throw error;
    };
    const unknown = await listCertificates(first, { ...ports, rootHooks: { states } });
    expect(unknown).toMatchObject({
      rows: [{ notAfter: expect.any(String) as string }],
      failures: [{ certificate: first, error }],
    });
  });

  it.each([
    ['and others are there', true, 'there are: a.example'],
    ['and none is there', false, 'there are none at all yet: lanacme issue'],
  ])(
    'one that is not there is, when asked for %s, an error that says what there is',
    async (_what, others, hint) => {
      if (others) await world.issue({ name: first });
      await expect(list(third)).rejects.toMatchObject({
        code: 'certificate.unknown',
        message: 'there is no certificate named c.example here',
        hint,
      });
    },
  );
});
