/** Ends an attempt. `detail` begins with a stable word and is for people; never a token, never the peer's own text. */
export class Undelivered extends Error {
  readonly detail: string;

  constructor(detail: string) {
    super(detail);
    this.detail = detail;
  }
}
