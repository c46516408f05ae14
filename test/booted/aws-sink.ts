/** Takes what the AWS CLI sends, of any service, and says yes to it: what is looked at is what was sent. */
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { closeAtOnce, listen, portOf } from '../world/loopback.ts';

export interface AwsSink {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  /** `POST /trustanchors`; where the body or a header names the operation, that: `CreateRole`. */
  readonly requests: readonly string[];
  forget(): void;
  close(): Promise<void>;
}

export async function startAwsSink(): Promise<AwsSink> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1];
      const target = request.headers['x-amz-target'];
      requests.push(
        action ?? (typeof target === 'string' ? target : `${request.method ?? ''} ${request.url ?? ''}`),
      );
      const isXml = action !== undefined || request.url?.startsWith('/2013-04-01/') === true;
      response.setHeader('content-type', isXml ? 'text/xml' : 'application/json');
      response.end(isXml ? xml(action ?? 'Any') : '{}');
    });
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    requests,
    forget() {
      requests.length = 0;
    },
    close: async () => {
      await closeAtOnce(server);
    },
  };
}

function xml(action: string): string {
  const result = `<${action}Result></${action}Result>`;
  return `<${action}Response>${result}<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></${action}Response>`;
}
