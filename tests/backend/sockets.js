/**
 * One backend's Socket.IO server without a listener of its own.
 *
 * Law: it answers only what the dispatcher hands to it, so that several servers can share one listener, and the
 * listener can be stopped and started while this server and its rooms live on.
 *
 * Also the rude ways of ending a connection that a network has and a polite server lacks.
 */
import { createServer } from "node:http";
import { Server } from "socket.io";

/** Socket.IO's own default and every real system's: the largest message a client may send, in bytes. */
const MAX_PAYLOAD = 1e6;

export class Sockets {
  /** @param {string} path e.g. `/analysis/socket.io/` @param {object} options of Socket.IO */
  constructor(path, options) {
    this.path = path;
    // Never listens: Socket.IO wants an HTTP server to attach its engine to, and ours comes and goes.
    this.io = new Server(createServer(), { path, serveClient: false, maxHttpBufferSize: MAX_PAYLOAD, ...options });
  }

  /** @param {string} url @returns {boolean} whether a request belongs to this server */
  owns(url) {
    return url.startsWith(this.path);
  }

  handleRequest(req, res) {
    this.io.engine.handleRequest(req, res);
  }

  handleUpgrade(req, socket, head) {
    this.io.engine.handleUpgrade(req, socket, head);
  }

  /** @returns {object[]} the Engine.IO connections */
  connections() {
    return Object.values(this.io.engine.clients);
  }

  /**
   * Sends a text exactly as it is to every WebSocket, and as a message to every polling connection (which can carry
   * only well-formed Engine.IO packets).
   *
   * @param {string} frame
   * @returns {number} connections reached
   */
  sendFrame(frame) {
    let reached = 0;
    for (const connection of this.connections()) {
      if (connection.transport.name === "websocket") connection.transport.socket.send(frame);
      else if (frame.startsWith("4")) connection.write(frame.slice(1));
      else continue;
      reached += 1;
    }
    return reached;
  }

  /**
   * @param {"server" | "tcp" | "silent"} how `server`: a Socket.IO DISCONNECT packet; `tcp`: the connection is
   *   destroyed without a word; `silent`: it stays open and nothing moves in either direction any more (half open)
   * @param {string} [room] only sockets in this room; all connections otherwise
   * @returns {number} connections ended
   */
  disconnect(how, room) {
    const sockets = [...this.io.sockets.sockets.values()].filter((socket) => !room || socket.rooms.has(room));
    if (how === "server") {
      sockets.forEach((socket) => socket.disconnect());
      return sockets.length;
    }
    const connections = room ? sockets.map((socket) => socket.conn) : this.connections();
    connections.forEach(how === "tcp" ? destroy : silence);
    return connections.length;
  }

  /** Destroys all connections, whatever their state. */
  destroyConnections() {
    this.connections().forEach(destroy);
  }

  async close() {
    this.destroyConnections();
    await this.io.close();
  }
}

/** The TCP connection under an Engine.IO connection; a polling one has none between two requests. */
const tcpOf = (connection) => connection.transport.socket?._socket ?? connection.transport.req?.socket ?? null;

function destroy(connection) {
  tcpOf(connection)?.destroy();
  // A polling connection outlives its TCP connections; the engine would keep it until the ping times out.
  connection.close(true);
}

function silence(connection) {
  const tcp = tcpOf(connection);
  tcp?.pause();
  tcp?.cork();
}
