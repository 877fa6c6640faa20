import type { LedgerEvent } from "@/ledger/types";

/** A server with one run: it answers requests for events and keeps streams open, until it is told to fail. */
export class FakeServer {
  events: LedgerEvent[] = [];
  /** What requests are refused with; 0 does not answer at all. */
  refuses: number | null = null;
  readonly asked: string[] = [];
  readonly streams: FakeStream[] = [];
  /** Events whose answers to pages come with their texts cut. */
  cut: (event: LedgerEvent) => LedgerEvent = (event) => event;

  /** Takes the place of `fetch`. */
  readonly fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    this.asked.push(url.pathname + url.search);
    if (this.refuses === 0) throw new TypeError("Failed to fetch");
    if (this.refuses !== null) return answer({ error: "Refused", message: "not now" }, this.refuses);
    const one = /\/events\/(\d+)$/.exec(url.pathname)?.[1];
    if (one !== undefined) return answer(this.events[Number(one) - 1]);
    const after = Number(url.searchParams.get("after"));
    const page = this.events.slice(after, after + Number(url.searchParams.get("limit")));
    return answer({ events: page.map(this.cut), last_seq: this.events.length });
  };

  /** The stream that is open. */
  get stream(): FakeStream {
    const open = this.streams.findLast((stream) => !stream.closed);
    if (open === undefined) throw new Error("no stream is open");
    return open;
  }

  /** Takes the place of `EventSource`. */
  get source(): typeof EventSource {
    const { streams } = this;
    class Source extends FakeStream {
      constructor(url: string) {
        super(url);
        streams.push(this);
        queueMicrotask(() => this.onopen?.(new Event("open")));
      }
    }
    // it has of an EventSource what the client uses
    return Source as unknown as typeof EventSource;
  }
}

export class FakeStream extends EventTarget {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent<string>) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  closed = false;

  constructor(readonly url: string) {
    super();
  }

  close(): void {
    this.closed = true;
  }

  send(events: readonly LedgerEvent[]): void {
    this.onmessage?.(new MessageEvent("message", { data: JSON.stringify(events) }));
  }

  whisper(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }

  breakOff(): void {
    this.onerror?.(new Event("error"));
  }
}

function answer(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}
