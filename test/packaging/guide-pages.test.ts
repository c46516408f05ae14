import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { guidePages } from '../../packaging/guide-pages.ts';
import { top } from '../../packaging/run.ts';

const pages = await guidePages();
const units = await readdir(join(top, 'systemd'));
const example = 'lanacme-failure@.service';
/** What stands beside the pages, or where all units are. */
const elsewhere = [
  ...['changelog.gz', 'copyright', 'examples/lanacme.env', 'examples/alerts.yml', `examples/${example}`],
  '/usr/lib/systemd/system',
  ...units.filter((unit) => unit !== example).map((unit) => `/usr/lib/systemd/system/${unit}`),
];

/** Where the links of a page lead, those to the web apart. */
function targets(text: string): readonly string[] {
  return Array.from(text.matchAll(/\]\(([^)]+)\)/g), ([, target = '']) => target).filter(
    (target) => !target.includes('://'),
  );
}

/** As it stands in a link to it. */
function anchors(text: string): readonly string[] {
  return Array.from(
    text.matchAll(/^#+ (.*)$/gm),
    ([, heading = '']) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\d _-]/gu, '')
        .replaceAll(' ', '-')}`,
  );
}

test('the package has the page on which all others build', () => {
  expect(pages.get('README.md')).toContain('## First set-up on AWS');
});

test.each([...pages])('%s leads to nothing that the package does not have', (name, text) => {
  for (const target of targets(text)) {
    const [path = '', anchor] = target.split(/(?=#)/);
    const page = path.startsWith('#') ? text : pages.get(path);
    if (page === undefined) expect(elsewhere).toContain(target);
    else
      expect([target, ['', ...anchors(page)]]).toEqual([
        target,
        expect.arrayContaining([path.startsWith('#') ? path : (anchor ?? '')]),
      ]);
  }
  expect(text.length, name).toBeGreaterThan(1000);
});

test('a link to what it does not have is its text', () => {
  expect(pages.get('docker.md')).toContain('nginx.conf and nginx-reloading.sh are in `docker/`');
});
