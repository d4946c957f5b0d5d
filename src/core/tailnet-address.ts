const IPV4 = /^(?:::ffff:)?100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])(?:\.\d{1,3}){2}$/i;
/** The same as a URL writes them: 100.64 to 100.127 are 6440 to 647f. */
const MAPPED = /^::ffff:64[4-7][0-9a-f]:/i;
const IPV6 = /^fd7a:115c:a1e0:/i;

/**
 * Whether an address, as a resolver or a URL writes it, is one of a tailnet. Only the parts that bind their sockets to
 * our own tailnet address may connect to one: without that, and without the interface, it is reached by another network.
 */
export function isTailnetAddress(address: string): boolean {
  return IPV4.test(address) || MAPPED.test(address) || IPV6.test(address);
}
