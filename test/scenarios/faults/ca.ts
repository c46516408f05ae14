/** What a CA, or the way to it, can do to a run. */
import { accountFaults } from './ca-account.ts';
import { issuanceFaults } from './ca-issuance.ts';
import { orderFaults } from './ca-order.ts';
import { validationFaults } from './ca-validation.ts';
import { wayThereFaults } from './ca-way-there.ts';
import type { FaultRow } from './fault-row.ts';

export const caFaults: readonly FaultRow[] = [
  ...wayThereFaults,
  ...accountFaults,
  ...orderFaults,
  ...validationFaults,
  ...issuanceFaults,
];
