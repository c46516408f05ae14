import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors } from '../errors.ts';
import type { OrderStore } from '../ports.ts';
import { chooseNames } from './choose-names.ts';
import { inFlight } from './in-flight.ts';
import { orderCertificate } from './order-certificate.ts';
import { OrderingSession } from './ordering-session.ts';
import {
  type RenewFailure,
  type RenewOutcome,
  type RenewPorts,
  type RenewRequest,
  rowSource,
  surveyAll,
} from './renew-survey.ts';
import type { SurveyedCertificate } from './survey-certificate.ts';
import { whileLocked } from './while-locked.ts';

const mostAtOnce = 50;

export interface DryRunOutcome extends RenewOutcome {
  /** Those that a certificate was issued for, and at which server. */
  readonly issued: readonly Tried[];
}

interface Tried {
  readonly name: CertificateName;
  readonly server: string;
}

/**
 * `lanacme renew --dry-run`: the whole way to a certificate for each of them, due or not, and then it is thrown away.
 * Nothing of theirs is changed; what the way itself needs is kept: an account at that server, the journal.
 *
 * @param serverFor where certificates of this server are tried: its staging server, if it has one
 */
export async function dryRun(
  request: RenewRequest,
  serverFor: (directoryUrl: string) => string,
  ports: RenewPorts,
  signal: AbortSignal,
): Promise<DryRunOutcome> {
  const { names, unknown } = await chooseNames(request.names, ports.certificates);
  return await whileLocked(ports, signal, async () => {
    const survey = await surveyAll(names, request, ports);
    const session = new OrderingSession(request.zone, ports, signal);
    const tried = await inFlight(survey.certificates, mostAtOnce, async (one) => {
      const server = request.changes.spec.server ?? serverFor(one.request.spec.server);
      return {
        name: one.name,
        server,
        failures: await tryOne(one, server, ports, session, AbortSignal.any([signal])),
      };
    });
    signal.throwIfAborted();
    return {
      certificates: survey.certificates.map(rowSource),
      renewed: [],
      issued: tried.flatMap(({ name, server, failures }) =>
        failures.length === 0 ? [{ name, server }] : [],
      ),
      failures: [...unknown, ...survey.failures, ...tried.flatMap(({ failures }) => failures)],
    };
  });
}

async function tryOne(
  { name, request }: SurveyedCertificate,
  server: string,
  ports: RenewPorts,
  session: OrderingSession,
  signal: AbortSignal,
): Promise<readonly RenewFailure[]> {
  const failed = (error: unknown): readonly RenewFailure[] =>
    asLanacmeErrors(error).map((failure) => ({ certificate: name, error: failure }));
  // As if there were none yet: nothing is used again, nothing is replaced.
  const nothing = { record: undefined, live: undefined, facts: undefined, damage: undefined };
  const wanted = { ...request, spec: { ...request.spec, server } };
  const scratch = { ...ports, orders: new ForgottenOrders() };
  try {
    const ordered = await orderCertificate(nothing, wanted, { reachedCa: false }, scratch, session, signal);
    ports.log.info(`dry run: ${name} can be renewed; this certificate of ${server} is thrown away`);
    return ordered.leftBehind.flatMap(failed);
  } catch (error) {
    return failed(error);
  }
}

/** Orders that no later run goes on with: their keys never touch a disk. */
class ForgottenOrders implements OrderStore {
  async read(): Promise<undefined> {
    await Promise.resolve();
  }

  async save(): Promise<void> {
    await Promise.resolve();
  }

  async saveKey(): Promise<void> {
    await Promise.resolve();
  }

  async remove(): Promise<void> {
    await Promise.resolve();
  }
}
