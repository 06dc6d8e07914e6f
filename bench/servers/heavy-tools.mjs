/**
 * Tools whose schemas are as large as those of real servers get; never called, only listed. There
 * are as many of them as BENCH_TOOLS says.
 */

const count = Number(process.env.BENCH_TOOLS ?? 0);
const name = (at) => `heavy_${String(at).padStart(4, '0')}`;
const describe = (at) =>
  `Tool ${at}: searches, filters, sorts and exports the records of a project`;
const kinds = ['issue', 'merge_request', 'commit', 'pipeline', 'release', 'wiki_page'];
const orders = ['created_at', 'updated_at', 'priority', 'due_date', 'title', 'popularity'];

/** Each with its schema as JSON Schema. */
export function* heavyTools() {
  for (let at = 1; at <= count; at++) yield heavyTool(at);
}

/** The same with zod schemas, for those whose documentation asks for them. */
export function* heavyZodTools(z) {
  for (let at = 1; at <= count; at++) yield heavyZodTool(z, at);
}

function heavyTool(at) {
  const text = (description) => ({ type: 'string', description });
  const strict = (properties, required) => ({
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  });
  const schema = strict(
    {
      project: text('The project, by its path or its number'),
      query: { ...text('What to look for'), minLength: 1, maxLength: 500 },
      kinds: { type: 'array', items: { type: 'string', enum: kinds }, maxItems: 6 },
      labels: { type: 'array', items: text('A label'), maxItems: 50 },
      order: { type: 'string', enum: orders, description: 'What to sort by' },
      page: { type: 'integer', minimum: 1, maximum: 1000 },
      author: strict({ name: text('The name'), email: text('The address') }, ['name']),
      range: strict(
        { from: text('The first day'), to: text('The last day'), zone: text('The time zone') },
        ['from', 'to'],
      ),
      export: strict(
        {
          format: { type: 'string', enum: ['csv', 'json', 'xlsx'] },
          columns: { type: 'array', items: text('The name of a column'), maxItems: 100 },
          archived: { type: 'boolean', description: 'Whether archived records are included' },
        },
        ['format'],
      ),
    },
    ['project', 'query'],
  );
  return { name: name(at), description: describe(at), schema };
}

function heavyZodTool(z, at) {
  const text = (description) => z.string().describe(description);
  const shape = {
    project: text('The project, by its path or its number'),
    query: z.string().min(1).max(500).describe('What to look for'),
    kinds: z.array(z.enum(kinds)).max(6).optional(),
    labels: z.array(text('A label')).max(50).optional(),
    order: z.enum(orders).describe('What to sort by').optional(),
    page: z.int().min(1).max(1000).optional(),
    author: z
      .strictObject({ name: text('The name'), email: text('The address').optional() })
      .optional(),
    range: z
      .strictObject({
        from: text('The first day'),
        to: text('The last day'),
        zone: text('The time zone').optional(),
      })
      .optional(),
    export: z
      .strictObject({
        format: z.enum(['csv', 'json', 'xlsx']),
        columns: z.array(text('The name of a column')).max(100).optional(),
        archived: z.boolean().describe('Whether archived records are included').optional(),
      })
      .optional(),
  };
  return { name: name(at), description: describe(at), schema: z.strictObject(shape) };
}
