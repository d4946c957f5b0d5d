/** Image names that set-up found or built, handed over in the environment. */
type Image = 'NODE_BASE' | 'NETNS' | 'TAILSCALE' | 'HEADSCALE' | 'OPENCLAW' | 'CAPTURE' | 'PROXY';

/** Throws when set-up has not run: `npm run lab` and `npm test` do it before anything else. */
export function labImage(image: Image): string {
  const name = process.env[`AGENT_PEER_LAB_IMAGE_${image}`];
  if (name === undefined || name === '') {
    throw new Error(
      `AGENT_PEER_LAB_IMAGE_${image} is not set: start this through \`npm run lab\` or \`npm test\``,
    );
  }
  return name;
}
