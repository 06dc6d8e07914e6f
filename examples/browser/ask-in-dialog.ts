/** A question of the server as a form in the page: one field for each property of its schema. */
import type { Answers, FormAnswer } from 'sallyport/client';

type Question = Parameters<NonNullable<Answers['form']>>[0];
type Field = Question['requestedSchema']['properties'][string];

// #region dialog
export function askInDialog({ message, requestedSchema }: Question): Promise<FormAnswer> {
  const { properties, required = [] } = requestedSchema;
  const fields = Object.entries(properties).map(([name, field]) => {
    const input = inputFor(field);
    input.name = name;
    input.required = required.includes(name) && field.type !== 'boolean';
    return { name, field, input };
  });
  const dialog = document.createElement('dialog');
  const form = document.createElement('form');
  const labels = fields.map(({ name, field, input }) =>
    element('label', field.title ?? field.description ?? name, input),
  );
  const decline = element('button', 'No, thanks');
  decline.type = 'button';
  form.append(element('p', message), ...labels, element('button', 'Answer'), decline);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise<FormAnswer>((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      const answers = fields.map(({ name, field, input }) => [name, valueOf(field, input)]);
      resolve(Object.fromEntries(answers) as FormAnswer);
    };
    decline.onclick = () => resolve('decline');
    dialog.oncancel = () => resolve('cancel');
  }).finally(() => dialog.remove());
}
// #endregion

type Input = HTMLInputElement | HTMLSelectElement;

function inputFor(field: Field): Input {
  if ('enum' in field) {
    const select = document.createElement('select');
    for (const choice of field.enum) select.add(new Option(choice));
    return select;
  }
  const input = document.createElement('input');
  if (field.type === 'boolean') input.type = 'checkbox';
  if (field.type === 'number' || field.type === 'integer') input.type = 'number';
  if (input.type === 'checkbox') input.checked = field.default === true;
  else if (field.default !== undefined) input.value = String(field.default);
  return input;
}

/** Undefined for what was left empty: the client then takes the default of the field. */
function valueOf({ type }: Field, input: Input): string | number | boolean | undefined {
  if (input instanceof HTMLInputElement && type === 'boolean') return input.checked;
  if (input.value === '') return undefined;
  return type === 'number' || type === 'integer' ? Number(input.value) : input.value;
}

function element<Tag extends 'label' | 'p' | 'button'>(
  tag: Tag,
  text: string,
  ...inside: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  made.append(text, ...inside);
  return made;
}
