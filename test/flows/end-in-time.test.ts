import { expect, it } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { FakeClock } from '../fakes/clock.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { IssueWorld } from './issue-world.ts';

class NotedClock extends FakeClock {
  /** Milliseconds each; emptied when the signal comes: what is done before it is bounded by others. */
  readonly deadlines: number[] = [];

  override deadline(milliseconds: number): AbortSignal {
    this.deadlines.push(milliseconds);
    return super.deadline(milliseconds);
  }
}

it.each(['isInSync', 'change'])(
  'after an abort at %s all that is still done has, together, less than 20 s',
  async (struck) => {
    await withTempFolder(async (folder) => {
      const world = new IssueWorld(folder);
      const clock = new NotedClock();
      const controller = new AbortController();
      world.route53.before = (call) => {
        if (call !== struck || controller.signal.aborted) return;
        clock.deadlines.length = 0;
        controller.abort(new LanacmeError('run.interrupted', 'interrupted', { hint: 'again' }));
        controller.signal.throwIfAborted();
      };
      const issuing = world.issue({}, { signal: controller.signal, ports: { clock } });
      await expect(issuing).rejects.toMatchObject({ code: 'run.interrupted' });
      expect(clock.deadlines).toHaveLength(2);
      expect(clock.deadlines.reduce((sum, each) => sum + each, 0)).toBeLessThan(20_000);
    });
  },
);
