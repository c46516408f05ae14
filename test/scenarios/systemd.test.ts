/** What `lanacme systemd` finds in the built program; test/booted has it work. */
import { realpathSync } from 'node:fs';
import { expect, test } from 'vitest';
import { program, runLanacme } from '../support/run-lanacme.ts';

test('show prints the units with the paths of what runs, and writes nothing', async () => {
  const { code, stdout, stderr } = await runLanacme(['systemd', 'show']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.match(/^# \/etc\/.*/gm)).toHaveLength(11);
  expect(stdout).not.toContain('/usr/bin/lanacme');
  expect(stdout).toContain(
    `ExecStart=${realpathSync(process.execPath)} ${realpathSync(program)} renew --no-hooks\n`,
  );
});

test('another word is answered with the nearest', async () => {
  const { code, stdout } = await runLanacme(['systemd', 'unistall', '--json']);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    certificates: [],
    errors: [{ code: 'config.unknown-command', hint: 'did you mean lanacme systemd uninstall?' }],
  });
});
