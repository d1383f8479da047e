/**
 * A plain Socket.IO server with state recovery, for tests of the client itself: `node tests/backend/echo.js` prints its
 * address and runs until it is ended.
 *
 *   /          answers, asks, closes and stays silent as it is told
 *   /chat      says who it took the client for
 *   /guarded   admits the token "fresh" only
 */
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { cors: { origin: "*" }, connectionStateRecovery: {} });

io.on("connection", (socket) => {
  socket.on("echo", (...args) => {
    const answer = args.at(-1);
    if (typeof answer === "function") answer(...args.slice(0, -1));
    else socket.emit("echo", ...args);
  });
  socket.on("is buffer", (value, answer) => answer(Buffer.isBuffer(value), value));
  socket.on("ask me", (question) => {
    socket.emit("question", question, (...answer) => socket.emit("answered", ...answer));
  });
  socket.on("silence", () => {});
  socket.on("throw me out", () => socket.disconnect());
  socket.on("cut", () => socket.conn.close());
  // The event of a person who is away: it is kept for those who come back.
  socket.on("cut and tell", (text) => {
    socket.conn.close();
    setTimeout(() => io.emit("told", text), 50);
  });
  socket.on("who is there", (answer) => answer([...io.of("/").sockets.keys()]));
  socket.on("in room", (room, answer) => {
    socket.join(room);
    answer();
  });
});

io.of("/chat").on("connection", (socket) => socket.emit("welcome", socket.handshake.auth));

io.of("/guarded").use((socket, next) => {
  const { token } = socket.handshake.auth;
  next(token === "fresh" ? undefined : Object.assign(new Error("expired"), { data: { token } }));
});

http.listen(0, "127.0.0.1", () => console.log(`echo is at http://127.0.0.1:${http.address().port}`));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
