/** Versions that set-up builds or pulls. What the images' own go.mod files pin is not repeated here. */
export const OFFICIAL = {
  netns: 'busybox:1.37',
  tailscale: 'tailscale/tailscale:v1.102.3',
  headscale: 'headscale/headscale:v0.29.2',
  nodeBase: 'node:24-bookworm-slim',
  openclaw: 'ghcr.io/openclaw/openclaw:2026.9.6',
};
export const OPENCLAW = '2026.9.6';
export const TAILSCALE = '1.102.3';
export const NPM = '11.21.2';
/** What the modules of images/tailscale and images/headscale ask for, and the toolchain fetched when PATH has less. */
export const GO_MINIMUM = [1, 26, 6];
export const GO_TOOLCHAIN = 'go1.26.8';
