/** One clear error: a code of agent-peer's API or of this plugin, what was wrong, and what to do. Never carries a secret. */
export class PeerToolError extends Error {
  /**
   * @param {string} code
   * @param {string} what
   * @param {string} fix
   */
  constructor(code, what, fix) {
    super(what);
    this.code = code;
    this.fix = fix;
  }
}
