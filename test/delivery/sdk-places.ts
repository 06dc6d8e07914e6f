/**
 * The official clients forget where they are when a connection is cut before its first event: they
 * come back without `Last-Event-ID`, to the stream of notices as it goes on. And a call whose
 * stream is cut before it has an event id is waited for until it times out. This lends them the
 * memory, and tells of such calls: what is judged here is what the server sends.
 */

/** What is used of the transports of v1 and v2; neither makes it public. */
interface Insides {
  _handleSseStream(stream: Piped | null, options: Options, comesBack: boolean): void;
  _scheduleReconnection(options: Options, attempt?: number): void;
  _startOrAuthSse(options: Options, ...more: unknown[]): Promise<void>;
}

interface Piped {
  pipeThrough(pair: unknown): Piped;
  getReader(): { read(): Promise<{ readonly done: boolean; readonly value?: unknown }> };
}

interface Options {
  readonly resumptionToken?: string | undefined;
  readonly onresumptiontoken?: Place | undefined;
}

/** Where a stream is: the client calls it with each event id. */
interface Place {
  (id: string): void;
  id?: string | undefined;
  /** A call whose stream was cut before there was an id to come back to. */
  lost?: () => void;
}

/** Whoever makes a call hands this over as `onresumptiontoken`; `lost` is called at most once. */
export function placeOf(lost: () => void): (id: string) => void {
  return newPlace(undefined, lost);
}

/** Resolves when the stream of notices has its first event id. */
export function rememberPlaces(transport: object): {
  readonly stands: Promise<void>;
  /** How often a place had been forgotten. */
  readonly forgotten: () => number;
} {
  const insides = transport as Insides;
  const { _handleSseStream: handle, _scheduleReconnection: schedule } = insides;
  let forgotten = 0;
  let stand = (): void => undefined;
  const stands = new Promise<void>((resolve) => (stand = resolve));

  insides._handleSseStream = (stream, options, comesBack) => {
    const { resumptionToken, onresumptiontoken } = options;
    const place = onresumptiontoken ?? newPlace(resumptionToken);
    const isCall = !comesBack;
    const told =
      stream &&
      withEnd(stream, (ended) => {
        if (!ended) return place.id === undefined || isCall ? undefined : stand();
        if (isCall && place.id === undefined) place.lost?.();
      });
    handle.call(transport, told, { ...options, onresumptiontoken: place }, comesBack);
  };
  insides._scheduleReconnection = (options, attempt) => {
    const kept = options.onresumptiontoken?.id;
    const isForgotten = options.resumptionToken === undefined && kept !== undefined;
    if (isForgotten) forgotten++;
    schedule.call(
      transport,
      isForgotten ? { ...options, resumptionToken: kept } : options,
      attempt,
    );
  };
  return { stands, forgotten: () => forgotten };
}

function newPlace(id: string | undefined, lost?: () => void): Place {
  const place: Place = (newest) => void (place.id = newest);
  place.id = id;
  if (lost !== undefined) place.lost = lost;
  return place;
}

/** Calls `onStep` before each event is asked for, and with true when the client has had them all. */
function withEnd(stream: Piped, onStep: (ended: boolean) => void): Piped {
  return {
    pipeThrough: (pair) => withEnd(stream.pipeThrough(pair), onStep),
    getReader() {
      const reader = stream.getReader();
      return {
        async read() {
          onStep(false);
          try {
            const next = await reader.read();
            if (next.done) onStep(true);
            return next;
          } catch (thrown) {
            onStep(true);
            throw thrown;
          }
        },
      };
    },
  };
}
