/** One file of node-forge: the whole of it would bring its own cryptography along. */
declare module 'node-forge/lib/asn1.js' {
  import { asn1 } from 'node-forge';
  export default asn1;
}
