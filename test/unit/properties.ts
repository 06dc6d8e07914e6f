/**
 * fast-check as all properties use it: with the same cases each time, so that what fails is what was
 * changed. `PROPERTY_SEED=2 npx vitest run --project=unit` tries others, but for what ajv is asked:
 * that has its own, `SCHEMA_SEED`, as ajv has faults.
 */
import fc from 'fast-check';

const seed = Number(process.env['PROPERTY_SEED'] ?? 1);
if (!Number.isSafeInteger(seed)) throw new Error('PROPERTY_SEED must be a whole number.');
fc.configureGlobal({ seed });

export { fc };
