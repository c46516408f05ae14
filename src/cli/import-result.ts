import type { CertbotFindings } from '../core/certbot-findings.ts';
import { certificateRow } from '../core/certificate-row.ts';
import { escapeText } from '../core/escape.ts';
import type { KeptHook } from '../core/hook-file.ts';
import type { ImportedAccount, ImportedCertificate, ImportOutcome } from '../flows/import-certificates.ts';
import type { CommandResult } from './output.ts';

export interface Import {
  readonly findings: CertbotFindings;
  readonly outcome: ImportOutcome;
  readonly hooks: readonly KeptHook[];
  readonly dryRun: boolean;
  readonly now: Date;
}

/** What was taken over, and what a person should know about it. */
export function importResult({ findings, outcome, hooks, dryRun, now }: Import): CommandResult {
  const { certificates, accounts, failures } = outcome;
  const { notes } = findings;
  return {
    text: report({ findings, outcome, hooks, dryRun, now }).join('\n'),
    certificates: certificates.map(({ lineage, ...onDisk }) =>
      certificateRow({ name: lineage.name, ...onDisk }, now),
    ),
    failures,
    more: {
      dryRun,
      imported: namesOf(certificates, 'imported'),
      present: namesOf(certificates, 'present'),
      accounts,
      hooks,
      notes: notes.map(({ certificate, message }) => ({ certificate: certificate ?? null, message })),
    },
  };
}

function namesOf(
  certificates: readonly ImportedCertificate[],
  wanted: ImportedCertificate['state'],
): string[] {
  return certificates.flatMap(({ lineage, state }) => (state === wanted ? [lineage.name] : []));
}

function report({ findings, outcome, hooks, dryRun }: Import): readonly string[] {
  const { certificates, accounts, failures } = outcome;
  const forAll = findings.notes.filter(({ certificate }) => certificate === undefined);
  const lines = [
    ...certificates.flatMap((one) => [
      certificateLine(one),
      ...hooks.filter(({ certificate }) => certificate === one.lineage.name).map(hookLine),
      ...notesOf(one, findings).map((note) => `  ${escapeText(note)}`),
    ]),
    ...accounts.map(accountLine),
    ...hooks.filter(({ certificate }) => certificate === undefined).map(hookLine),
    ...forAll.map(({ message }) => escapeText(message)),
  ];
  const left = failures.length === 0 ? [] : [`${failures.length} left as they are: see the errors`];
  if (lines.length + left.length === 0) return [`there is no certificate in ${escapeText(findings.folder)}`];
  const isNew = certificates.some(({ state }) => state === 'imported');
  return [...lines, ...left, ...(isNew && !dryRun ? nextSteps : [])];
}

const nextSteps = [
  '',
  'next: write these paths into the configuration of the servers; load them (lanacme deploy);',
  'then end the renewals of certbot (systemctl disable --now certbot.timer)',
];

const certificateStates = {
  imported: 'imported to',
  present: 'is here already:',
  planned: 'would be imported',
} as const;

function certificateLine({ lineage, state, live }: ImportedCertificate): string {
  const words = `${lineage.name}: ${certificateStates[state]}`;
  return live === undefined ? words : `${words} ${live.path}`;
}

/** About what is new; of what is here already everything was said. */
function notesOf({ lineage, state }: ImportedCertificate, { notes }: CertbotFindings): readonly string[] {
  if (state === 'present') return [];
  return notes.flatMap(({ certificate, message }) => (certificate === lineage.name ? [message] : []));
}

const accountStates = {
  imported: 'imported',
  present: 'is here already',
  planned: 'would be imported',
  other: 'left, since this host has another there: the next orders replace nothing in the eyes of the CA',
} as const;

function accountLine({ server, state }: ImportedAccount): string {
  return `account at ${server}: ${accountStates[state]}`;
}

const hookStates = {
  written: 'its hook is',
  present: 'its hook is left, since there is a file of that name:',
  planned: 'its hook would be',
} as const;

function hookLine({ certificate, path, state }: KeptHook): string {
  return certificate === undefined
    ? `a hook for all certificates: ${hookStates[state].replace('its hook ', '')} ${path}`
    : `  ${hookStates[state]} ${path}`;
}
