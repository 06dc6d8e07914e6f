import type { OpenSessionOptions } from '../../eras/legacy/session.js';
import type { Notification, Principal, Served } from '../../exchange.js';
import type { RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { HttpSession } from './http-session.js';

/** What all sessions of an endpoint need. */
export interface Surroundings {
  readonly served: Served;
  readonly limits: Limits;
  readonly clock: Clock;
  nextId(): RequestId;
  /** Keeps what has changed in a session. */
  save(http: HttpSession): Promise<void>;
  /** Passes a notice on to wherever the session's notices go. */
  elsewhere(http: HttpSession, notification: Notification): void;
}

/** What one session is opened with, and holds on to: small, because a server holds many. */
export class Opening implements OpenSessionOptions {
  /** The session over HTTP, once it is one. */
  http: HttpSession | undefined;
  readonly principal: Principal;
  readonly #around: Surroundings;

  constructor(principal: Principal, around: Surroundings) {
    this.principal = principal;
    this.#around = around;
  }

  get served(): Served {
    return this.#around.served;
  }

  get limits(): Limits {
    return this.#around.limits;
  }

  get clock(): Clock {
    return this.#around.clock;
  }

  nextId(): RequestId {
    return this.#around.nextId();
  }

  onChange(): void | Promise<void> {
    return this.http === undefined ? undefined : this.#around.save(this.http);
  }

  elsewhere(notification: Notification): void {
    if (this.http !== undefined) this.#around.elsewhere(this.http, notification);
  }
}
