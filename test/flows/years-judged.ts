/** What years of renewals have to keep, and what they come to in figures. */

import type { Issued, Lineage } from './lineages.ts';
import { dayMs, during } from './weather.ts';
import type { Run, Years } from './years.ts';

/** Every promise that was not kept, one a line. */
export function brokenPromises(years: Years): readonly string[] {
  return [
    ...years.expired.map((what) => `expired in live: ${what}`),
    ...years.lineages.flatMap((lineage) => renewals(lineage).flatMap((one) => wrongRenewal(one, years))),
    ...years.lineages.flatMap((lineage) => overdue(lineage, years)),
    ...impatience(years),
    ...wrongClocks(years),
    ...years.runs
      .filter(({ errors }) => errors.some(({ code }) => code === 'ledger.limit-reached'))
      .map(({ at }) => `the CA's limits were reached at ${shown(at)}`),
    ...years.left.map((what) => `left at the end: ${what}`),
  ];
}

interface Renewal {
  readonly name: string;
  readonly old: Issued;
  readonly next: Issued;
}

function renewals({ name, issued }: Lineage): readonly Renewal[] {
  return issued.flatMap((old, index) => {
    const next = issued[index + 1];
    return next === undefined ? [] : [{ name, old, next }];
  });
}

/** Each certificate is replaced once, in its window: before it nobody may, after it only if something was in the way. */
function wrongRenewal({ name, old, next }: Renewal, years: Years): readonly string[] {
  const { start, end } = old.window;
  const told = `${name} ${old.serial} was renewed at ${shown(next.at)}, its window is ${shown(start)} to ${shown(end)}`;
  if (next.at < start.getTime()) return [`too early, or twice: ${told}`];
  if (next.at >= end.getTime() && wasUndisturbed(old, years)) return [`too late: ${told}`];
  if (!isInWindow({ name, old, next })) return [];
  const order = years.orders.find(({ request }) => request.replaces === old.certId);
  return order?.isExempt === true ? [] : [`not free of the CA's limits: ${told}`];
}

/** From a day before: what failed then is still being backed off from. */
function wasUndisturbed({ window: { start, end } }: Issued, { spells }: Years): boolean {
  const around = { from: start.getTime() - dayMs, to: end.getTime() };
  return during(spells, around).every(({ trouble }) => trouble === 'the hook fails');
}

function isInWindow({ old, next }: Renewal): boolean {
  return old.window.start.getTime() <= next.at && next.at < old.window.end.getTime();
}

/** One whose window was over long before the end, and that nobody has renewed. */
function overdue({ name, issued }: Lineage, { until }: Years): readonly string[] {
  const end = issued.at(-1)?.window.end.getTime() ?? 0;
  return end + dayMs < until ? [`${name} was never renewed after ${shown(end)}`] : [];
}

/** Told when orders are taken again, each certificate asks once; a run that was killed may not have noted the answer. */
function impatience({ spells, refused, lineages }: Years): readonly string[] {
  return spells
    .filter(({ trouble }) => trouble === 'the CA takes no orders')
    .flatMap((spell) => {
      const asked = refused.filter((at) => spell.from <= at && at < spell.to).length;
      const killed = during(spells, spell).filter(({ trouble }) => trouble === 'a run was killed').length;
      const most = lineages.length * (1 + killed);
      return asked <= most ? [] : [`${asked} orders although the CA wanted none before ${shown(spell.to)}`];
    });
}

/**
 * By a clock that is wrong nothing is ordered. One that is right is doubted at most once, for what was noted by the
 * wrong one: if the CA can be asked, the next run goes on.
 */
function wrongClocks({ spells, orders, runs }: Years): readonly string[] {
  const troubleAt = (at: number): readonly string[] =>
    during(spells, { from: at }).map(({ trouble }) => trouble);
  const isWrong = (at: number): boolean => troubleAt(at).includes('the clock is wrong');
  const isDoubted = (run: Run | undefined): boolean =>
    run !== undefined && !isWrong(run.at) && run.errors.some(({ code }) => code === 'clock.wrong');
  const mayAsk = ({ at, wasKilled }: Run): boolean => !wasKilled && !troubleAt(at).includes('the CA is down');
  return [
    ...orders
      .filter(({ at }) => isWrong(at.getTime()))
      .map(({ at, request }) => `${request.domains.join()} was ordered at ${shown(at)} by a wrong clock`),
    ...runs
      .filter((run, index) => isDoubted(run) && mayAsk(run) && isDoubted(runs[index + 1]))
      .map(({ at }) => `the clock was right at ${shown(at)}, and still doubted by the next run`),
  ];
}

export interface YearsFigures {
  readonly days: number;
  readonly runs: number;
  readonly killed: number;
  readonly movedWindows: number;
  /** How many runs ended with each error. */
  readonly errors: Readonly<Record<string, number>>;
  /** Certificates by name. */
  readonly certificates: Readonly<Record<string, number>>;
  /** Renewals within their window, and all. */
  readonly inWindow: readonly [number, number];
  readonly acme: DailyRequests;
  readonly route53: DailyRequests;
}

export interface DailyRequests {
  readonly total: number;
  readonly mean: number;
  /** The most on a day, and the most on a day on which nothing was ordered. */
  readonly most: number;
  readonly mostWhenQuiet: number;
}

export function yearsFigures(years: Years): YearsFigures {
  const { runs, lineages } = years;
  const all = lineages.flatMap(renewals);
  const codes = runs.flatMap(({ errors }) => errors.map(({ code }) => code));
  return {
    days: Math.round((years.until - years.from) / dayMs),
    runs: runs.length,
    killed: runs.filter(({ wasKilled }) => wasKilled).length,
    movedWindows: years.moved,
    errors: Object.fromEntries(
      [...new Set(codes)].map((code) => [code, codes.filter((one) => one === code).length]),
    ),
    certificates: Object.fromEntries(lineages.map(({ name, issued }) => [name, issued.length])),
    inWindow: [all.filter(isInWindow).length, all.length],
    acme: daily(years, ({ acme }) => acme),
    route53: daily(years, ({ route53 }) => route53),
  };
}

function daily({ runs, from, until, orders }: Years, count: (run: Run) => number): DailyRequests {
  const dayOf = (at: number): number => Math.floor((at - from) / dayMs);
  const days = Array.from({ length: dayOf(until) + 1 }, () => 0);
  for (const run of runs) days[dayOf(run.at)] = (days[dayOf(run.at)] ?? 0) + count(run);
  const busy = new Set(orders.map(({ at }) => dayOf(at.getTime())));
  const total = days.reduce((sum, requests) => sum + requests, 0);
  return {
    total,
    mean: Number((total / days.length).toFixed(1)),
    most: Math.max(...days),
    mostWhenQuiet: Math.max(0, ...days.filter((_, day) => !busy.has(day))),
  };
}

export function inWords(seed: number, figures: YearsFigures): string {
  const { days, runs, killed, movedWindows, certificates, inWindow, acme, route53, errors } = figures;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  const requests = ({ total, mean, most, mostWhenQuiet }: DailyRequests): string =>
    `${total}, ${mean} a day, at most ${most}, on a quiet day ${mostWhenQuiet}`;
  return [
    `seed ${seed}: ${days} days, ${runs} runs, ${killed} of them killed`,
    `  certificates: ${list(certificates)}; renewed in the window: ${inWindow.join(' of ')}; ${movedWindows} windows moved`,
    `  requests: ACME ${requests(acme)}; Route 53 ${requests(route53)}`,
    `  errors: ${list(errors)}`,
  ].join('\n');
}

function shown(at: number | Date): string {
  return new Date(at).toISOString();
}
