/**
 * @param {string} description
 * @param {string} example
 */
const text = (description, example) => ({
  type: 'string',
  maxLength: 2000,
  description,
  examples: [example],
});

/** What goes with each kind; the proxy judges which goes with which. */
export const fieldsSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'What goes with the kind; all may be left out, and only those of the kind may be given',
  examples: [
    { status: 'The parser is done; two tests of the writer fail', next: 'Make the writer escape quotes' },
  ],
  properties: {
    status: text('Of kind handoff: where things stand', 'The parser is done; two tests of the writer fail'),
    next: text('Of kind handoff: what is to be done next', 'Make the writer escape quotes'),
    topic: text('Of kind insight: what it is about', 'build cache'),
    confidence: {
      type: 'string',
      enum: ['low', 'medium', 'high'],
      description: 'Of kind insight: how sure you are',
      examples: ['medium'],
    },
    artifact: text(
      'Of kind review: what to look at: a link, a path, a commit',
      'https://example.com/pull/12',
    ),
    questions: text('Of kind review: what you want to know', 'Is the migration safe to run twice?'),
    deadlineSeconds: {
      type: 'integer',
      minimum: 1,
      description: 'Of kind review or delegation: how much time it has, in seconds',
      examples: [7200],
    },
    doneWhen: text('Of kind delegation: when it is done, so that both sides can tell', 'npm test is green'),
  },
};

export const contextSchema = {
  type: 'array',
  maxItems: 16,
  description: 'To be read beside the message and not a part of it: notes, a log, a state. 64 KiB in all',
  examples: [[{ type: 'text', text: '# Notes of today' }]],
  items: {
    anyOf: [
      {
        type: 'object',
        additionalProperties: false,
        properties: { type: { const: 'text' }, text: { type: 'string' } },
        required: ['type', 'text'],
      },
      {
        type: 'object',
        additionalProperties: false,
        properties: { type: { const: 'json' }, value: {} },
        required: ['type', 'value'],
      },
    ],
  },
};
