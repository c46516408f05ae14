import { describe, expect, it } from 'vitest';
import { configOf, problemsOf } from './made-host.ts';

const zone = { zone: 'lan.example' };

describe('import', () => {
  it.each([
    [['certbot'], '/etc/letsencrypt'],
    [['certbot', '/srv/certbot'], '/srv/certbot'],
    [['certbot', 'backup/etc'], '/cwd/backup/etc'],
    [['certbot', '..'], '/'],
  ])('%j is of the folder %s', async (names, folder) => {
    const config = await configOf('import', { ...zone, 'dry-run': 'true' }, { names });
    expect(config).toMatchObject({ command: 'import', folder, zone: 'lan.example', dryRun: true });
  });

  it.each([
    [[], 'config.missing: the client to import from is missing'],
    [['cerbot'], 'config.unexpected-argument: lanacme cannot import from "cerbot"'],
  ])('%j is wrong usage', async (names, problem) => {
    expect(await problemsOf('import', zone, { names })).toEqual([problem]);
  });

  it('needs the zone, to tell which certificates this host can renew', async () => {
    const problems = await problemsOf('import', {}, { names: ['certbot'] });
    expect(problems.join()).toContain('--zone is missing');
  });
});
