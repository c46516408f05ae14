import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:tls';

export interface TlsServer {
  /** Default: the loopback address. */
  readonly host?: string;
  readonly port: number;
  /** What is asked for by SNI. */
  readonly servername: string;
}

/** The leaf that a server shows to a client which connects anew, whoever issued it. */
export async function tlsLeaf({ host = '127.0.0.1', port, servername }: TlsServer): Promise<X509Certificate> {
  const socket = connect({
    host,
    port,
    servername,
    // What is asked is which certificate is there, not whether it is a good one.
    rejectUnauthorized: false,
  });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(30_000) });
    return new X509Certificate(socket.getPeerCertificate().raw);
  } finally {
    socket.destroy();
  }
}
