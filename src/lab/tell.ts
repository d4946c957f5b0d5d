/** Lines for a person: `  step      detail`, aligned; long quotations indented under their heading. */
export function tell(step: string, detail: string): void {
  console.log(`  ${step.padEnd(10)} ${detail}`);
}

export function heading(text: string): void {
  console.log(`\n${text}`);
}

export function quote(text: string): void {
  for (const line of text.split('\n')) console.log(`    | ${line}`);
}

/** Says that something is still going on, at least every 10 seconds, until `work` is done. */
export async function withProgress<T>(what: string, work: Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const timer = setInterval(
    () => tell('…', `${what} (${Math.round((Date.now() - startedAt) / 1000)} s)`),
    8000,
  );
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
