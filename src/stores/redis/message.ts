import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';

/** What nodes say to each other. */
export type NodeMessage =
  | {
      readonly kind: 'tell';
      readonly from: string;
      readonly topic: string;
      readonly body: JsonObject;
    }
  | {
      readonly kind: 'ask';
      readonly from: string;
      readonly id: number;
      readonly topic: string;
      readonly body: JsonObject;
    }
  /** `isOfUse` is absent where the one who was asked could not tell. */
  | {
      readonly kind: 'answer';
      readonly from: string;
      readonly id: number;
      readonly isOfUse?: boolean;
    }
  /** What it told may not have been heard. */
  | { readonly kind: 'unheard'; readonly from: string };

/** Undefined for what no node of this version has said. */
export function readNodeMessage(text: string): NodeMessage | undefined {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isJsonObject(message) || typeof message['from'] !== 'string') return undefined;
  const { kind, id, topic, body, isOfUse } = message;
  const hasTopic = typeof topic === 'string' && isJsonObject(body);
  const hasId = Number.isSafeInteger(id);
  const isAnswer = isOfUse === undefined || typeof isOfUse === 'boolean';
  const isGood =
    kind === 'unheard' ||
    (kind === 'tell' && hasTopic) ||
    (kind === 'ask' && hasTopic && hasId) ||
    (kind === 'answer' && hasId && isAnswer);
  return isGood ? (message as unknown as NodeMessage) : undefined;
}
