/**
 * The channel between the analysis workers and the Socket.IO servers: `media-progress-events`.
 *
 * Law: what is published is text; every subscriber gets every message. Embedded, the only subscriber is this process.
 * With REDIS_URL every instance subscribes, and since each then emits through the Redis adapter to all clients, n
 * instances deliver each event n times. Drishtiksha's documented set-up does that, and clients must cope with it.
 */
/** The channel's name in the real system. */
const CHANNEL = "media-progress-events";

/** The channel of a process without Redis. */
export function embeddedChannel() {
  const listeners = new Set();
  return {
    publish(message) {
      const text = JSON.stringify(message);
      // Never inside the publisher's call: a real channel answers later, too.
      queueMicrotask(() => listeners.forEach((listener) => listener(text)));
    },
    async subscribe(listener) {
      listeners.add(listener);
    },
    /** No adapter: rooms live in this process. */
    adapter: () => undefined,
    async close() {
      listeners.clear();
    },
  };
}

/**
 * @param {string} url of the Redis server
 * @param {(text: string) => void} report where a lost connection is told
 */
export async function redisChannel(url, report) {
  // Loaded here, because they take longer to load than all the rest and the demo does without.
  const [{ createAdapter }, { createClient }] = await Promise.all([
    import("@socket.io/redis-adapter"),
    import("redis"),
  ]);
  const publisher = createClient({ url });
  const clients = [publisher];
  const connect = async (client) => {
    client.on("error", (error) => report(`Redis: ${error.message}`));
    await client.connect();
    return client;
  };
  await connect(publisher);
  const another = () => {
    const client = publisher.duplicate();
    clients.push(client);
    return connect(client);
  };
  const subscriber = await another();
  const adapterSubscriber = await another();
  return {
    publish(message) {
      publisher.publish(CHANNEL, JSON.stringify(message)).catch((error) => report(`Redis: ${error.message}`));
    },
    async subscribe(listener) {
      await subscriber.subscribe(CHANNEL, listener);
    },
    /** @param {string} key keeps the backends' adapters apart: each has its own namespace "/" */
    adapter: (key) => createAdapter(publisher, adapterSubscriber, { key: `telltale-${key}` }),
    async close() {
      // In order where Redis answers, so that nothing still under way is rejected; at once where it does not.
      const end = async (client) => (client.isReady ? client.close() : client.destroy());
      await Promise.allSettled(clients.map(end));
    },
  };
}
