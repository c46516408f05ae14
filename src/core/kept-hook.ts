/** What became of a hook that root is to run. */
export interface KeptHook {
  /** The one certificate that it is for; absent: for all. */
  readonly certificate?: string;
  /** In `deploy.d`. */
  readonly path: string;
  /** `planned`: by a dry run. `present`: a file of that name is there already, and stays as it is. */
  readonly state: 'written' | 'present' | 'planned';
}
