/** The two files of node-forge that DER needs: the whole of it is forty, which every start would read. */
declare module 'node-forge/lib/asn1' {
  import { asn1 } from 'node-forge';
  export = asn1;
}

declare module 'node-forge/lib/util' {
  import { util } from 'node-forge';
  export = util;
}
