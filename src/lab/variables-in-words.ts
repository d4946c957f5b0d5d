/** Variables of a stack on one line, as an owner would write them. */
export function variablesInWords(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
