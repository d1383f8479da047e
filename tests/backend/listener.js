/**
 * The listener: one port for the page and the four backends, which can be stopped and started while they live on.
 *
 * Law: a request goes to the Socket.IO server that owns its path, else to the application; an upgrade that nobody owns
 * is closed at once. Stopping ends every connection; starting takes the same port again.
 */
import { createServer } from "node:http";

/** Ports tried, from the wanted one upwards. */
const PORTS_TRIED = 50;

const HOST = "127.0.0.1";

export class Listener {
  /**
   * @param {import("express").Express} app
   * @param {{owns(url: string): boolean}[]} sockets the Socket.IO servers
   * @param {Record<string, string>} headers set on every response
   */
  constructor(app, sockets, headers) {
    this.app = app;
    this.sockets = sockets;
    this.headers = headers;
    this.connections = new Set();
    this.port = null;
    this.server = null;
    /** Accepts connections but answers nothing: a network that swallows packets. */
    this.silent = false;
  }

  /**
   * @param {number} port 0 takes any free one
   * @returns {Promise<number>} the port taken, the first free one from `port` on
   */
  async start(port) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#listen(port === 0 ? 0 : port + attempt);
      } catch (error) {
        if (error.code !== "EADDRINUSE" || attempt + 1 >= PORTS_TRIED || port + attempt >= 65_535) throw error;
      }
    }
  }

  /** Closes the port and every connection. */
  async stop() {
    const { server } = this;
    if (!server) return;
    this.server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    this.sockets.forEach((sockets) => sockets.destroyConnections());
    this.connections.forEach((connection) => connection.destroy());
    await closed;
  }

  /** Takes the same port again. */
  async restart() {
    if (!this.server) await this.#listen(this.port);
  }

  #listen(port) {
    const server = createServer((req, res) => this.#request(req, res));
    server.on("upgrade", (req, socket, head) => this.#upgrade(req, socket, head));
    server.on("connection", (connection) => {
      this.connections.add(connection);
      connection.on("close", () => this.connections.delete(connection));
    });
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, HOST, () => {
        server.off("error", reject);
        this.server = server;
        this.port = server.address().port;
        resolve(this.port);
      });
    });
  }

  #request(req, res) {
    if (this.silent) return;
    for (const [name, value] of Object.entries(this.headers)) res.setHeader(name, value);
    const owner = this.sockets.find((sockets) => sockets.owns(req.url));
    if (owner) owner.handleRequest(req, res);
    else this.app(req, res);
  }

  #upgrade(req, socket, head) {
    // A client may go at any time; without a listener its reset would end the process.
    socket.on("error", () => socket.destroy());
    if (this.silent) return;
    const owner = this.sockets.find((sockets) => sockets.owns(req.url));
    if (owner) return owner.handleUpgrade(req, socket, head);
    socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }
}
