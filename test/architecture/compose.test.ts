/**
 * What docker-compose.yml promises, read from the file itself: no way in but the tailnet, and nothing in the stack that
 * can do more than it must.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly profiles?: readonly string[];
  readonly network_mode?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly devices?: readonly string[];
  readonly ports?: readonly unknown[];
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly command?: readonly string[];
  readonly restart: string;
  readonly stop_grace_period?: string;
  readonly logging: { readonly options: Readonly<Record<string, string>> };
  readonly pids_limit?: number;
  readonly hostname?: string;
  readonly container_name?: string;
}

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const file = parse(text) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
  readonly secrets: object;
};
const { netns, tailscale, proxy, gateway } = file.services as Record<
  'netns' | 'tailscale' | 'proxy' | 'gateway',
  Service
>;
const services = Object.entries(file.services);

describe('the stack', () => {
  it('is these services and no other', () => {
    expect(Object.keys(file.services)).toEqual(['netns', 'tailscale', 'proxy', 'gateway']);
    expect(services.filter(([, { profiles }]) => profiles !== undefined).map(([name]) => name)).toEqual([
      'gateway',
    ]);
  });

  it.each(services)(
    '%s: publishes no port, is not privileged, comes back, and logs within bounds',
    (_name, service) => {
      expect(service.ports).toBeUndefined();
      expect(service.privileged).toBeUndefined();
      expect(service.container_name).toBeUndefined();
      expect(service.restart).toBe('unless-stopped');
      expect(service.logging.options).toEqual({ 'max-size': '10m', 'max-file': '3' });
    },
  );

  it.each(services)('%s: has a pinned image that a variable can replace', (_name, { image }) => {
    expect(image).toMatch(/^\$\{AGENT_PEER_[A-Z]+_IMAGE:-[a-z./-]+:(?!latest)[\w.-]+\}$/);
  });

  it('lives in the namespace of the one service that does nothing', () => {
    for (const service of [tailscale, proxy, gateway]) {
      expect(service.network_mode).toBe('service:netns');
      expect(service.hostname).toBeUndefined();
    }
    expect(netns.network_mode).toBeUndefined();
    expect(netns.command?.[0]).toBe('sleep');
  });

  it('gives the engine’s socket to nobody, and no folder of the machine', () => {
    expect(text).not.toContain('docker.sock');
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes)
        expect(Object.keys(file.volumes), `${name}: ${volume}`).toContain(volume.split(':')[0]);
    }
  });
});

describe('netns', () => {
  it('can do nothing', () => {
    expect(netns).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: 16,
    });
    expect(netns.cap_add).toBeUndefined();
  });
});

describe('tailscale', () => {
  it('uses kernel TUN: in userspace mode the gateway would answer the whole tailnet', () => {
    expect(tailscale.environment).toMatchObject({ TS_USERSPACE: 'false' });
    expect(tailscale.devices).toEqual(['/dev/net/tun:/dev/net/tun']);
    expect(tailscale.cap_add).toEqual(['NET_ADMIN']);
  });

  it('gets its key by file, once', () => {
    expect(tailscale.environment).toMatchObject({
      TS_AUTHKEY: 'file:/run/secrets/ts_authkey',
      TS_AUTH_ONCE: 'true',
    });
    expect(tailscale.secrets).toEqual(['ts_authkey']);
    for (const service of [netns, proxy, gateway]) expect(service.secrets).toBeUndefined();
  });

  it('keeps its state, and its health and metrics on loopback', () => {
    expect(tailscale.volumes).toEqual([
      'tailscale-state:/var/lib/tailscale',
      'tailscale-socket:/var/run/tailscale',
    ]);
    expect(tailscale.environment).toMatchObject({
      TS_LOCAL_ADDR_PORT: '127.0.0.1:9002',
      TS_ACCEPT_DNS: 'false',
    });
  });

  it('leaves a namespace that is dead', () => {
    expect(tailscale.healthcheck?.test.join(' ')).toMatch(
      /\/proc\/net\/route .*kill 1; };.*tailscale .*wait/,
    );
  });
});

describe('proxy', () => {
  it('runs without root, without capabilities, on a read-only root', () => {
    expect(proxy).toMatchObject({
      user: '10001:10001',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      pids_limit: 128,
    });
    expect(proxy.cap_add).toBeUndefined();
    expect(proxy.devices).toBeUndefined();
  });

  it('has one data volume, and tailscaled’s socket to read', () => {
    expect(proxy.volumes).toEqual(['proxy-data:/data', 'tailscale-socket:/var/run/tailscale:ro']);
  });

  it('has more time to stop than it may take', () => {
    expect(proxy.stop_grace_period).toBe('60s');
  });

  it('is built from the image that the Dockerfile describes, without root there too', () => {
    expect(proxy.build?.dockerfile).toBe('images/proxy/Dockerfile');
    const dockerfile = readFileSync(new URL('../../images/proxy/Dockerfile', import.meta.url), 'utf8');
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    expect(dockerfile).not.toMatch(/^# *syntax|<<|--mount|--chmod/m);
    expect(dockerfile.match(/^FROM .*/gm)).toEqual(['FROM ${BASE_IMAGE} AS build', 'FROM ${BASE_IMAGE}']);
  });
});

describe('gateway', () => {
  it('listens on loopback only, whatever its image does by default', () => {
    expect(gateway.command).toEqual(['openclaw', 'gateway', 'run', '--bind', 'loopback', '--port', '18789']);
  });

  it('leaves a namespace that is dead', () => {
    expect(gateway.healthcheck?.test.join(' ')).toMatch(/networkInterfaces.*process\.kill\(1, 'SIGTERM'\)/);
  });

  it('has the time that it needs to stop', () => {
    expect(gateway.stop_grace_period).toBe('330s');
  });
});
