/** What kind of machine this is, as far as set-up behaves differently on it. */
import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {object} Machine
 * @property {string} id of the distribution, e.g. debian; empty when unknown
 * @property {string} codename e.g. bookworm
 * @property {boolean} apt Debian or Ubuntu: packages can be fetched with apt
 * @property {boolean} root
 * @property {boolean} systemd systemd runs as the first process
 */

/**
 * @param {string} text of an os-release file
 * @returns {Record<string, string>}
 */
export function parseOsRelease(text) {
  /** @type {Record<string, string>} */
  const facts = {};
  for (const line of text.split('\n')) {
    const found = /^(\w+)=(?:"(.*)"|'(.*)'|(.*))$/u.exec(line.trim());
    if (found?.[1] !== undefined) facts[found[1]] = found[2] ?? found[3] ?? found[4] ?? '';
  }
  return facts;
}

/** @returns {Machine} */
export function lookAtMachine() {
  const file = '/etc/os-release';
  const facts = existsSync(file) ? parseOsRelease(readFileSync(file, 'utf8')) : {};
  const id = facts['ID'] ?? '';
  return {
    id,
    codename: facts['VERSION_CODENAME'] ?? '',
    apt: id === 'debian' || id === 'ubuntu',
    root: process.getuid?.() === 0,
    systemd: existsSync('/run/systemd/system'),
  };
}
