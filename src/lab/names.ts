/** What the lab calls its things. Everything it makes carries the label, so `down` can find it and nothing else. */
export const LABEL = 'agent-peer.lab';

/** Compose service names of docker-compose.yml. */
export const SERVICES = ['netns', 'tailscale', 'proxy', 'gateway'] as const;
export type Service = (typeof SERVICES)[number];

/** The lab pairs a and b; c is a spare that tests start wrongly on purpose. */
export const STACKS = ['a', 'b', 'c'] as const;
export type StackName = (typeof STACKS)[number];

/** One lab: `agent-peer-lab`, or a test's own. */
export interface LabName {
  readonly lab: string;
}

export const projectOf = ({ lab }: LabName, stack: StackName) => `${lab}-${stack}`;
export const networkOf = ({ lab }: LabName) => `${lab}-net`;
export const containerOf = ({ lab }: LabName, what: string) => `${lab}-${what}`;
export const labelsOf = ({ lab }: LabName) => ({ [LABEL]: lab });
