/** Fetching distribution packages into a folder, with apt's state in the cache: nothing is installed on the machine. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mainMirror, parseDeb822Sources, parseOneLineSources, sourcesFor } from './apt-sources.mjs';
import { lookAtMachine } from './machine.mjs';
import { SetupError } from './report.mjs';
import { work } from './run.mjs';

/** @typedef {import('./context.mjs').Setup} Setup */

const APT = '/etc/apt';

/**
 * Downloads packages of one suite and unpacks each into the same folder.
 * @param {Setup} setup
 * @param {{ step: string, suite: string, packages: string[], into: string, withLibraries?: boolean }} wanted
 */
export async function unpackPackages(setup, { step, suite, packages, into, withLibraries = false }) {
  const apt = prepareApt(setup, suite, step);
  await work(setup, {
    step,
    doing: `apt-get update for ${suite}`,
    command: 'apt-get',
    args: [...apt.options, 'update'],
  });
  const libraries = withLibraries ? await librariesOf(setup, step, apt.options, packages) : [];
  const all = [...new Set([...packages, ...libraries])];
  await work(setup, {
    step,
    doing: `downloading ${packages.join(', ')}`,
    command: 'apt-get',
    args: [...apt.options, 'download', ...all],
    cwd: apt.downloads,
  });
  mkdirSync(into, { recursive: true });
  for (const file of readdirSync(apt.downloads).filter((name) => name.endsWith('.deb'))) {
    await work(setup, {
      step,
      doing: `unpacking ${file}`,
      command: 'dpkg-deb',
      args: ['-x', join(apt.downloads, file), into],
    });
  }
  rmSync(apt.base, { recursive: true });
}

/**
 * Library packages that the given packages need, all the way down.
 * @param {Setup} setup
 * @param {string} step
 * @param {string[]} options
 * @param {string[]} packages
 */
async function librariesOf(setup, step, options, packages) {
  const args = [...options, '--simulate', '--no-install-recommends', 'install', ...packages];
  const plan = await work(setup, { step, doing: 'resolving packages', command: 'apt-get', args });
  return [...plan.matchAll(/^Inst (lib\S+)/gmu)].map((found) => /** @type {string} */ (found[1]));
}

/**
 * @param {Setup} setup
 * @param {string} suite
 * @param {string} step
 */
function prepareApt(setup, suite, step) {
  const base = join(setup.cache, 'apt', `${suite}-${step.replaceAll(/\W+/gu, '-')}`);
  const downloads = join(base, 'downloads');
  rmSync(base, { recursive: true, force: true });
  for (const folder of [
    downloads,
    join(base, 'lists', 'partial'),
    join(base, 'cache', 'archives', 'partial'),
  ])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(base, 'status'), '');
  writeFileSync(
    join(base, 'suite.sources'),
    sourcesFor(machineMirror(), suite, lookAtMachine().id === 'ubuntu' ? ['main', 'universe'] : ['main']),
  );
  const settings = [
    `Dir::Etc::sourcelist=${join(base, 'suite.sources')}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${join(base, 'lists')}`,
    `Dir::State::status=${join(base, 'status')}`,
    `Dir::Cache=${join(base, 'cache')}`,
    'APT::Sandbox::User=root',
    'Acquire::Retries=3',
  ];
  return { base, downloads, options: settings.flatMap((setting) => ['-o', setting]) };
}

/** The main mirror that this machine's own sources name. */
export function machineMirror() {
  const { codename } = lookAtMachine();
  const mirror = mainMirror(readSources(APT), codename);
  if (mirror !== undefined) return mirror;
  throw new SetupError(
    `apt: the sources of this machine (${APT}) name no mirror with suite "${codename}" and component main`,
    'Add one, or install the missing program by hand',
  );
}

/** @param {string} folder */
function readSources(folder) {
  const parts = join(folder, 'sources.list.d');
  const files = [
    join(folder, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
  ];
  return files
    .filter((file) => existsSync(file))
    .flatMap((file) => {
      if (file.endsWith('.list')) return parseOneLineSources(readFileSync(file, 'utf8'));
      return file.endsWith('.sources') ? parseDeb822Sources(readFileSync(file, 'utf8')) : [];
    });
}
