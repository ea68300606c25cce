/** A line between two sockets that can be slow, be cut after so many octets, or carry nothing at all. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

export class FaultyLine {
  /** Octets after which each connection is cut, both ways together; none if not set. */
  cutAfter = Number.POSITIVE_INFINITY;
  /** How long each part is under way, in milliseconds. */
  delay = 0;
  /** Octets after which all connections stay open and nothing comes through any more, both ways together. */
  silentAfter = Number.POSITIVE_INFINITY;
  /** Called before each connection is made. */
  onConnection: () => void = () => undefined;
  /** What has gone over it, both ways. */
  sent = 0;
  received = 0;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  /** @param to the port on this machine where the line ends */
  static async to(to: number): Promise<FaultyLine> {
    const server = createServer();
    const line = new FaultyLine(server);
    server.on('connection', (near) => {
      line.onConnection();
      line.#carry(near, connect(to, '127.0.0.1'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return line;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  #carry(near: Socket, far: Socket): void {
    let left = this.cutAfter;
    const cut = (): void => {
      near.destroy();
      far.destroy();
    };
    const pipe = (from: Socket, to: Socket, count: (octets: number) => void): void => {
      this.#sockets.add(from);
      from.on('error', cut);
      from.on('close', () => {
        this.#sockets.delete(from);
        setTimeout(() => to.end(), this.delay);
      });
      from.on('data', (part: Buffer) => {
        const whole = part.length <= left;
        const carried = whole ? part : part.subarray(0, left);
        left -= carried.length;
        count(carried.length);
        const isSilent = this.sent + this.received > this.silentAfter;
        const arrive = (): void => {
          if (!isSilent) to.write(carried);
          if (!whole) cut();
        };
        if (this.delay > 0) setTimeout(arrive, this.delay);
        else arrive();
      });
    };
    pipe(near, far, (octets) => (this.sent += octets));
    pipe(far, near, (octets) => (this.received += octets));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }
}
