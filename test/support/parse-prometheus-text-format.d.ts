declare module 'parse-prometheus-text-format' {
  interface Family {
    readonly name: string;
    readonly help: string;
    /** In capitals. */
    readonly type: string;
    /** Of a gauge. */
    readonly metrics: readonly {
      readonly labels?: Readonly<Record<string, string>>;
      readonly value: string;
    }[];
  }

  /** The library brings no types: as its README tells, and as far as the tests go. */
  export default function parsePrometheusTextFormat(text: string): readonly Family[];
}
