import type { CertificateRecord } from '../core/certificate-record.ts';
import { wrongClock } from '../core/clock-check.ts';
import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors, type LanacmeError } from '../errors.ts';
import { aroundOrders } from './around-orders.ts';
import { askRenewalInfo, type SilentServers } from './ask-renewal-info.ts';
import { inFlight } from './in-flight.ts';
import type { Judged } from './issue-request.ts';
import { logOfCertificate } from './log-of-certificate.ts';
import { isRefusedByLedger } from './order-certificate.ts';
import { OrderingSession } from './ordering-session.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import {
  clockProblem,
  failuresAtRest,
  hasNothingToDo,
  type RenewFailure,
  type RenewOutcome,
  type RenewPorts,
  type RenewRequest,
  rowSource,
  surveyAll,
  withoutDates,
} from './renew-survey.ts';
import { replaceCertificate } from './replace-certificate.ts';
import type { SurveyedCertificate } from './survey-certificate.ts';
import { whileLocked } from './while-locked.ts';

/** As many at a time: their challenges share batches, and each holds a key and a chain in memory. */
const mostAtOnce = 50;
const mostAsked = 8;

/** What `renew` does once there is something to do: with the lock held, and everything looked at again. */
export async function renewDue(
  { names, newest }: { readonly names: readonly CertificateName[]; readonly newest: string | undefined },
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<RenewOutcome> {
  return await whileLocked(ports, signal, async () => {
    const session = new OrderingSession(request.zone, ports, signal);
    const left = await removeLeftovers(request.zone, ports, signal);
    const clock =
      clockProblem(await surveyAll(names, request, ports), ports, newest) ??
      (await askWhatIsDue(names, request, ports, signal));
    const looked = await surveyAll(names, request, ports);
    const survey = clock === undefined ? looked : withoutDates(looked);
    const atRest = survey.certificates.filter(hasNothingToDo);
    const atWork = survey.certificates.filter((one) => !hasNothingToDo(one));
    const { renewed, aside } = await renewAll(atWork, ports, session, signal);
    signal.throwIfAborted();
    if (atWork.length === 0) ports.log.info('nothing is due');
    return {
      certificates: [...atRest.map(rowSource), ...renewed.map(({ certificate }) => certificate)],
      renewed: renewed.flatMap(({ certificate, isNew }) => (isNew ? [certificate.name] : [])),
      failures: [
        ...(clock === undefined ? [] : [{ error: clock }]),
        ...survey.failures,
        ...atRest.flatMap(failuresAtRest),
        ...renewed.flatMap(({ failures }) => failures),
        ...[...left, ...aside].map((error) => ({ error })),
      ],
    };
  });
}

/** All at once, between the hooks around them if anything is ordered. */
async function renewAll(
  atWork: readonly SurveyedCertificate[],
  ports: RenewPorts,
  session: OrderingSession,
  signal: AbortSignal,
): Promise<{ readonly renewed: readonly Renewed[]; readonly aside: readonly LanacmeError[] }> {
  const renew = async (): Promise<readonly Renewed[]> =>
    await inFlight(atWork, mostAtOnce, async (one) => {
      const log = atWork.length === 1 ? ports.log : logOfCertificate(ports.log, one.name);
      return await renewOne(one, { ...ports, log }, session, AbortSignal.any([signal]));
    });
  const ordered = atWork.flatMap(({ name, need }) => (need.kind === 'order' ? [name] : []));
  if (ordered.length === 0) return { renewed: await renew(), aside: [] };
  const { value, errors } = await aroundOrders(ordered, ports, signal, renew);
  return { renewed: value, aside: errors };
}

/**
 * Asks the CAs for their suggestions, where they may be asked, and keeps them. Returns the failure that one of them
 * shows this host's clock to be wrong.
 */
async function askWhatIsDue(
  names: readonly CertificateName[],
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<LanacmeError | undefined> {
  const { certificates } = await surveyAll(names, request, ports);
  const silent: SilentServers = new Map();
  const asking = certificates.filter(({ asksCa }) => asksCa);
  const problems = await inFlight(asking, mostAsked, async ({ seen: { record } }) => {
    const each = AbortSignal.any([signal]);
    const asked = await askRenewalInfo(record, ports, each, silent);
    const problem = await clockOfCa(asked, silent, ports, each);
    if (problem === undefined) await ports.certificates.saveRecord(asked);
    return problem;
  });
  return problems.find((problem) => problem !== undefined);
}

/** By the directory, which was just asked for. */
async function clockOfCa(
  { installed }: CertificateRecord,
  silent: SilentServers,
  { acme, clock }: RenewPorts,
  signal: AbortSignal,
): Promise<LanacmeError | undefined> {
  const server = installed?.spec.server;
  if (server === undefined || silent.has(server)) return undefined;
  const { clockOffsetMs: caOffsetMs } = await (await acme(server)).directory(signal);
  return wrongClock(clock.now(), { caOffsetMs });
}

interface Renewed {
  readonly certificate: RenewOutcome['certificates'][number];
  readonly isNew: boolean;
  readonly failures: readonly RenewFailure[];
}

/** Whatever comes of one certificate, the others go on. */
async function renewOne(
  surveyed: SurveyedCertificate,
  ports: RenewPorts,
  session: OrderingSession,
  signal: AbortSignal,
): Promise<Renewed> {
  const { name, need, request, seen } = surveyed;
  const failed = (error: unknown): readonly RenewFailure[] =>
    asLanacmeErrors(error).map((failure) => ({ certificate: name, error: failure }));
  try {
    const told = failuresAtRest(surveyed);
    // What the ledger refuses asks the CA for nothing, not even for the time.
    if (need.kind === 'order' && !(await isRefusedByLedger(seen, request, ports, session)))
      await refuseByWrongClock(request.spec.server, ports, session);
    // Whatever keeps it from being ordered: what is live is deployed.
    const verdict: Judged['verdict'] =
      need.kind === 'order' ? need : { kind: 'good', renewAt: ports.clock.now(), reason: 'it is not due' };
    const judged = { ...seen, verdict };
    const { issued, errors, ...now } = await replaceCertificate(judged, request, ports, session, signal);
    return { certificate: { name, ...now }, isNew: issued, failures: [...told, ...errors.flatMap(failed)] };
  } catch (error) {
    return { certificate: rowSource(surveyed), isNew: false, failures: failed(error) };
  }
}

/** A CA that cannot be reached is for the order to tell. */
async function refuseByWrongClock(
  server: string,
  { clock }: RenewPorts,
  session: OrderingSession,
): Promise<void> {
  const asked = session.ca(server).then(async (ca) => await ca.directory());
  const directory = await asked.catch(() => undefined);
  const problem = wrongClock(clock.now(), { caOffsetMs: directory?.clockOffsetMs });
  if (problem !== undefined) throw problem;
}
