import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors } from '../errors.ts';
import { aroundOrders } from './around-orders.ts';
import { askRenewalInfo, type SilentServers } from './ask-renewal-info.ts';
import { inFlight } from './in-flight.ts';
import type { Judged } from './issue-request.ts';
import { OrderingSession } from './ordering-session.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import {
  failuresAtRest,
  hasNothingToDo,
  type RenewFailure,
  type RenewOutcome,
  type RenewPorts,
  type RenewRequest,
  rowSource,
  surveyAll,
} from './renew-survey.ts';
import { replaceCertificate } from './replace-certificate.ts';
import type { SurveyedCertificate } from './survey-certificate.ts';
import { whileLocked } from './while-locked.ts';

/** As many at a time: their challenges share batches, and each holds a key and a chain in memory. */
const mostAtOnce = 50;
const mostAsked = 8;

/** What `renew` does once there is something to do: with the lock held, and everything looked at again. */
export async function renewDue(
  names: readonly CertificateName[],
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<RenewOutcome> {
  return await whileLocked(ports, signal, async () => {
    const session = new OrderingSession(request.zone, ports, signal);
    const left = await removeLeftovers(request.zone, ports, signal);
    await askWhatIsDue(names, request, ports, signal);
    const survey = await surveyAll(names, request, ports);
    const atRest = survey.certificates.filter(hasNothingToDo);
    const atWork = survey.certificates.filter((one) => !hasNothingToDo(one));
    const renewAll = async (): Promise<readonly Renewed[]> =>
      await inFlight(atWork, mostAtOnce, async (one) => {
        return await renewOne(one, ports, session, AbortSignal.any([signal]));
      });
    const ordered = atWork.flatMap(({ name, need }) => (need.kind === 'order' ? [name] : []));
    const { value: renewed, errors: around } =
      ordered.length === 0
        ? { value: await renewAll(), errors: [] }
        : await aroundOrders(ordered, ports, signal, renewAll);
    signal.throwIfAborted();
    return {
      certificates: [...atRest.map(rowSource), ...renewed.map(({ certificate }) => certificate)],
      renewed: renewed.flatMap(({ certificate, isNew }) => (isNew ? [certificate.name] : [])),
      failures: [
        ...survey.failures,
        ...atRest.flatMap(failuresAtRest),
        ...renewed.flatMap(({ failures }) => failures),
        ...[...left, ...around].map((error) => ({ error })),
      ],
    };
  });
}

/** Asks the CAs for their suggestions, where they may be asked, and keeps them. */
async function askWhatIsDue(
  names: readonly CertificateName[],
  request: RenewRequest,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<void> {
  const { certificates } = await surveyAll(names, request, ports);
  const silent: SilentServers = new Map();
  await inFlight(
    certificates.filter(({ asksCa }) => asksCa),
    mostAsked,
    async ({ seen: { record } }) => {
      const asked = await askRenewalInfo(record, ports, AbortSignal.any([signal]), silent);
      await ports.certificates.saveRecord(asked);
    },
  );
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
    const verdict: Judged['verdict'] | undefined =
      need.kind === 'order' || need.kind === 'good' ? need : undefined;
    if (verdict === undefined) return { certificate: rowSource(surveyed), isNew: false, failures: told };
    const { issued, errors, ...now } = await replaceCertificate(
      { ...seen, verdict },
      request,
      ports,
      session,
      signal,
    );
    return { certificate: { name, ...now }, isNew: issued, failures: [...told, ...errors.flatMap(failed)] };
  } catch (error) {
    return { certificate: rowSource(surveyed), isNew: false, failures: failed(error) };
  }
}
