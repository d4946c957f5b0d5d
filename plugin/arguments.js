import { PeerToolError } from './errors.js';
import { TOOLS } from './tools.js';

/**
 * @param {string} what
 * @param {string} fix
 */
export const wrongArgument = (what, fix) => new PeerToolError('input-invalid', what, fix);

/**
 * The arguments of a call. A gateway checks them by the schema, or mends them; what a name means is for the API to say, but a
 * name that is not there would be dropped in silence.
 * @param {import('./types.d.ts').ToolName} name
 * @param {unknown} params
 * @returns {Readonly<Record<string, unknown>>}
 */
export function readArguments(name, params) {
  const { properties = {}, required = [] } = TOOLS.find((tool) => tool.name === name)?.parameters ?? {};
  const names = Object.keys(properties);
  const fix = names.length === 0 ? 'It takes no arguments' : `Its arguments are: ${names.join(', ')}`;
  const given = params ?? {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw wrongArgument('the arguments are no object', fix);
  const unknown = Object.keys(given).filter((one) => !names.includes(one));
  if (unknown.length > 0) throw wrongArgument(`there is no argument ${unknown.join(', ')}`, fix);
  const missing = required.filter((one) => !(one in given));
  if (missing.length > 0) throw wrongArgument(`${missing.join(', ')}: is missing`, fix);
  return /** @type {Readonly<Record<string, unknown>>} */ (given);
}

/**
 * @param {string} name
 * @param {unknown} value
 * @param {{ least: number, most: number, default: number }} range
 */
export function readNumber(name, value, range) {
  if (value === undefined) return range.default;
  if (typeof value === 'number' && value >= range.least && value <= range.most) return value;
  throw wrongArgument(
    `${name}: is not a number from ${range.least} to ${range.most}`,
    'Use one, or leave it out',
  );
}
