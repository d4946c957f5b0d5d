import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { PeerServerLimits } from './limits.ts';
import { createPlaces } from './places.ts';
import { refuseSocket } from './refuse.ts';

/** Connections that are being told that there is no place for them; one more is closed without a word. */
const FAREWELLS = { each: 4, all: 32 };
/** For those that are closed in this very moment. */
const SLACK = 16;

type Serve = (socket: Socket) => void;

/**
 * Lets a node have so many connections, and all nodes together so many. One more is told so and closed: a node that
 * keeps all of its own open, and opens more, takes none from another node.
 */
export function admitConnections(
  server: Server,
  limits: Pick<PeerServerLimits, 'connections' | 'connectionsPerNode'>,
  onRefused: (address: string) => void,
): void {
  const places = createPlaces({ each: limits.connectionsPerNode, all: limits.connections });
  const farewells = createPlaces(FAREWELLS);
  // HTTP must not see the connections that are refused: it would serve what comes on them.
  const serving = server.listeners('connection') as Serve[];
  server.removeAllListeners('connection');
  const refuse = (socket: Socket, address: string): void => {
    onRefused(address);
    const end = farewells.take(address);
    if (end === null) {
      socket.destroy();
      return;
    }
    socket.once('close', end);
    refuseSocket(socket, 'connections-exceeded');
  };
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const leave = places.take(address);
    if (leave === null) {
      refuse(socket, address);
      return;
    }
    socket.once('close', leave);
    for (const serve of serving) Reflect.apply(serve, server, [socket]);
  });
  server.maxConnections = limits.connections + FAREWELLS.all + SLACK;
}
