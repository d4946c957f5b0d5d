/** What a command may touch of the outside world; tests hand over their own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Aborts at Ctrl-C, which from then on does no more than that. */
  readonly interrupted: () => AbortSignal;
}
