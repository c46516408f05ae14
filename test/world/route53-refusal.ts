/** A request that Route 53 does not carry out: status, code and message, as the answer will have them. */
export class Route53Refusal extends Error {
  readonly status: number;
  readonly code: string;
  /** The messages of an InvalidChangeBatch one by one. */
  readonly messages: readonly string[];

  constructor(status: number, code: string, message: string, messages: readonly string[] = [message]) {
    super(message);
    this.name = 'Route53Refusal';
    this.status = status;
    this.code = code;
    this.messages = messages;
  }
}
