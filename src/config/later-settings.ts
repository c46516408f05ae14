/** Settings of the design whose features are not built yet: known by name, refused when used. */
import { type Setting, within } from './setting.ts';

type Row = Omit<Setting, 'group' | 'commands'>;

const file = (help: string): Row => ({ kind: 'file', placeholder: 'FILE', help });
const boolean = (help: string): Row => ({ kind: 'boolean', help });

const rows: Readonly<Record<string, Setting>> = {
  ...within('The certificate', ['issue'], {
    csr: file('a certificate request to use instead of a new key'),
  }),
  ...within('This run', ['doctor'], {
    'probe-rights': boolean('find out which changes AWS would allow, without making one'),
  }),
};

export const laterSettings: ReadonlyMap<string, Setting> = new Map(
  Object.entries(rows).map(([option, row]) => [option, { ...row, built: false }]),
);
