/** What the measured tool takes: its check is part of what is measured. */
export const echoInput = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
} as const;
