import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { certificateLife } from '../../src/core/certificate-life.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { type MetricsPorts, writeMetrics } from '../../src/flows/write-metrics.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { daysFromNow, makeCa } from '../world/pki.ts';
import { IssueWorld } from './issue-world.ts';

const run = { version: '1.2.3', exitCode: 0, requests: [] } as const;
const [first, second] = [parseCertificateName('a.example'), parseCertificateName('b.example')];

function portsOf({ certificates, clock }: IssueWorld, metrics: MetricsPorts['metrics']): MetricsPorts {
  return { certificates, clock, metrics };
}

describe('metrics at the end of a run', () => {
  it('tell of every certificate as it is then, of one that cannot be read, too', async () => {
    await withTempFolder(async (folder) => {
      const world = new IssueWorld(folder);
      for (const name of [first, second]) await world.issue({ name });
      await writeFile(join(world.stateDir, 'certificates', `${second}.json`), 'not JSON');
      const written: string[] = [];
      const metrics = {
        write: async (text: string) => {
          await Promise.resolve(written.push(text));
        },
      };
      expect(await writeMetrics(run, portsOf(world, metrics))).toEqual([]);
      const ended = Math.floor(world.clock.now().getTime() / 1000);
      expect(written[0]).toContain(`lanacme_last_run_timestamp_seconds ${ended}\n`);
      expect(written[0]).toContain('lanacme_certificate_missing{certificate="a.example"} 0\n');
      expect(written[0]).toContain('lanacme_certificate_missing{certificate="b.example"} 1\n');
    });
  });

  it('tell when the identity at AWS ends, and do without if that cannot be read', async () => {
    await withTempFolder(async (folder) => {
      const written: string[] = [];
      const metrics = {
        write: async (text: string) => {
          await Promise.resolve(written.push(text));
        },
      };
      const { certPem } = await (await makeCa()).issueDevice({ validity: daysFromNow(400) });
      const missing = new LanacmeError('credentials.file-unreadable', 'no file', { hint: 'make it' });
      for (const read of [
        async () => await Promise.resolve(certificateLife(certPem)),
        async () => await Promise.reject(missing),
      ]) {
        const identity = { source: 'iot', file: 'device.pem', read } as const;
        const ports = { ...portsOf(new IssueWorld(folder), metrics), identity };
        expect(await writeMetrics(run, ports)).toEqual([]);
      }
      expect(written[0]).toMatch(/^lanacme_identity_expiry_timestamp_seconds\{source="iot"\} \d+$/m);
      expect(written[1]).toContain('lanacme_last_run_exit_code 0');
      expect(written[1]).not.toContain('lanacme_identity');
    });
  });

  it('that cannot be written are a failure to tell, not one that stops anything', async () => {
    await withTempFolder(async (folder) => {
      const failure = new LanacmeError('metrics.unwritable', 'the folder is missing', { hint: 'make it' });
      const metrics = { write: async () => await Promise.reject(failure) };
      expect(await writeMetrics(run, portsOf(new IssueWorld(folder), metrics))).toEqual([failure]);
    });
  });
});
