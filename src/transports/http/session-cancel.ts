import type { RequestId } from '../../json-rpc/message.js';
import type { HttpSession } from './http-session.js';

/** Cancels a request where it runs here; one that is still to come is remembered. */
export function cancelHere(http: HttpSession, id: RequestId): boolean {
  const running = http.flights.get(id);
  if (running === undefined) http.earlyCancels.add(id);
  else running.flight.end('cancelled');
  return running !== undefined;
}
