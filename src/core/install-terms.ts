import type { CertificateTerms } from './certificate-record.ts';

/** Which files a version has, and who may read them. */
export type InstallTerms = Pick<CertificateTerms, 'keyGroup' | 'owner' | 'combined' | 'pkcs12PasswordFile'>;

const members = ['keyGroup', 'owner', 'combined', 'pkcs12PasswordFile'] as const;

export function installTermsOf(terms: CertificateTerms): InstallTerms {
  const given = members.filter((member) => terms[member] !== undefined);
  return Object.fromEntries(given.map((member) => [member, terms[member]]));
}

/** The terms whose change needs a new version of the same certificate, as options. */
export function changedInstallTerms(one: InstallTerms, other: InstallTerms): readonly string[] {
  return members.filter((member) => one[member] !== other[member]).map((member) => options[member]);
}

const options: Readonly<Record<keyof InstallTerms, string>> = {
  keyGroup: '--key-group',
  owner: '--owner',
  combined: '--combined',
  pkcs12PasswordFile: '--pkcs12-password-file',
};
