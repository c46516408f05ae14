/** What docs/ tells of the metrics is what they are. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { metricsText } from '../../src/core/metrics.ts';
import { goodRow } from '../support/certificate-row.ts';

const read = async (name: string) => await readFile(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

const requests = [{ service: 'acme', operation: 'newOrder', requests: 1 }] as const;
const identity = {
  source: 'iot',
  file: 'device.pem',
  serial: '0a',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2036-01-01T00:00:00Z',
  daysLeft: 3326,
  error: null,
} as const;
const run = { version: '1.2.3', endedAt: new Date(0), exitCode: 0, requests, identity } as const;
const exported = metricsText(run, [goodRow()]);
const names = new Set(exported.match(/^lanacme_[a-z_0-9]+/gm));
const labelsOf = (name: string): readonly string[] =>
  [...(new RegExp(`^${name}\\{(.*)\\}`, 'm').exec(exported)?.[1]?.matchAll(/(\w+)="/g) ?? [])].map(
    ([, label = '']) => label,
  );

describe('docs/alerts.yml', () => {
  it('has rules over metrics that there are', async () => {
    const rules = (await read('alerts.yml')).matchAll(/^ +expr: (.*)$/gm);
    const used = [...rules].map(([, rule = '']) => rule.match(/lanacme_[a-z_0-9]+/g) ?? []);
    expect(used.length).toBeGreaterThan(5);
    for (const metrics of used) expect(names).toEqual(new Set([...names, ...metrics]));
    expect(used.every((metrics) => metrics.length > 0)).toBe(true);
  });

  it('says of each what it means, in words with labels that there are', async () => {
    const rules = (await read('alerts.yml')).split(/^ +- alert: /m).slice(1);
    for (const rule of rules) {
      expect(rule).toMatch(/severity: (critical|warning|info)\n/);
      const used = [...(rule.match(/lanacme_[a-z_0-9]+/g) ?? [])].flatMap(labelsOf);
      const told = [...rule.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label);
      expect([...used, 'instance']).toEqual(expect.arrayContaining(told));
    }
  });
});

describe('docs/monitoring.md', () => {
  it('has a line for every metric, with its labels, and none for another', async () => {
    const rows = [...(await read('monitoring.md')).matchAll(/^\| `(lanacme_\w+)` \|([^|]*)\|/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...names].sort());
    for (const [, name = '', labels = ''] of rows) {
      const told = [...labels.replaceAll(/\(.*?\)/g, '').matchAll(/`(\w+)`/g)].map(([, label]) => label);
      expect({ name, labels: told }).toEqual({ name, labels: labelsOf(name) });
    }
  });

  it('names only members that the row of a certificate has', async () => {
    const [, table = ''] = /^\| member .*?\n((?:\|.*\n)+)/m.exec(await read('monitoring.md')) ?? [];
    const first = table.split('\n').map((line) => line.split('|')[1] ?? '');
    const members = first.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, member]) => member));
    expect(members.length).toBeGreaterThan(5);
    expect(Object.keys(goodRow())).toEqual(expect.arrayContaining(members));
  });
});
