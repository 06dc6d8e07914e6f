/** The whole number that was given for an option; whoever gave something else is told, and it ends. */
export function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} must be a whole number of at least 0, not "${text}".`);
  process.exit(2);
}
